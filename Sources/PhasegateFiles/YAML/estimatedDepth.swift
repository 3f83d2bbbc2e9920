/// Where a text seems to nest too deeply, found without recursion.
///
/// Composing recurses once per level, and text is cheaper to write than stack
/// is to have. Counted are open brackets, growing indentation and indicators
/// in a row, also where they stand in quotes or comments; so the limit is far
/// above what is allowed, and the exact one is applied to the composed tree.
///
/// - Parameters:
///   - scalars: the text.
///   - limit: levels allowed.
/// - Returns: the index where the limit is passed.
func indexOfExcessiveDepth(in scalars: [Unicode.Scalar], limit: Int) -> Int? {
    var indents: [Int] = []
    var openBrackets = 0
    var column = 0
    var isIndentation = true
    for (index, scalar) in scalars.enumerated() {
        if scalar.isLineBreak {
            column = 0
            isIndentation = true
            continue
        }
        if isIndentation, scalar != " " {
            while let last = indents.last, last >= column { indents.removeLast() }
            indents.append(column)
            let isIndicator = scalar == "-" || scalar == "?"
            let isFollowedByBlank = index + 1 < scalars.count && scalars[index + 1] == " "
            isIndentation = isIndicator && isFollowedByBlank
        }
        switch scalar {
        case "[", "{": openBrackets += 1
        case "]", "}": openBrackets = max(0, openBrackets - 1)
        default: break
        }
        if indents.count + openBrackets > limit { return index }
        column += 1
    }
    return nil
}

/// The tags of a page as a browser would see them: names, and attributes with their values.
struct MarkupScanner {
    struct Tag: Hashable {
        let name: String
        let attributes: [String: String]
    }

    let tags: [Tag]

    /// Follows the tokenizer of the HTML standard as far as tags and attributes go.
    init(_ page: String) {
        var rest = Array(page.unicodeScalars)[...]
        var tags: [Tag] = []
        while let open = rest.firstIndex(of: "<") {
            rest = rest[(open + 1)...]
            guard let next = rest.first,
                next.properties.isAlphabetic && next.isASCII || "/!?".unicodeScalars.contains(next)
            else { continue }
            let name = Self.word(&rest)
            var attributes: [String: String] = [:]
            while let scalar = rest.first, scalar != ">" {
                if Self.isBlank(scalar) || scalar == "/" {
                    rest.removeFirst()
                    continue
                }
                let key = Self.word(&rest)
                guard rest.first == "=" else {
                    if key.isEmpty { rest.removeFirst() } else { attributes[key] = "" }
                    continue
                }
                rest.removeFirst()
                attributes[key] = Self.value(&rest)
            }
            tags.append(Tag(name: name, attributes: attributes))
        }
        self.tags = tags
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool { " \t\n\r\u{C}".unicodeScalars.contains(scalar) }

    private static func word(_ rest: inout ArraySlice<Unicode.Scalar>) -> String {
        var word = String.UnicodeScalarView()
        while let scalar = rest.first, !isBlank(scalar), scalar != ">", scalar != "=", scalar != "/" || word.isEmpty {
            word.append(scalar)
            rest.removeFirst()
        }
        return String(word).lowercased()
    }

    private static func value(_ rest: inout ArraySlice<Unicode.Scalar>) -> String {
        guard let quote = rest.first, quote == "\"" || quote == "'" else { return word(&rest) }
        rest.removeFirst()
        let end = rest.firstIndex(of: quote) ?? rest.endIndex
        let value = String(String.UnicodeScalarView(rest[..<end]))
        rest = rest[min(end + 1, rest.endIndex)...]
        return value
    }
}

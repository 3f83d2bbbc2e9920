/// A text as quoted-printable (RFC 2045, section 6.7): CRLF, lines of at most 76 characters, ASCII only.
///
/// - Parameter text: UTF-8 with line feeds.
/// - Returns: ends in CRLF.
func quotedPrintable(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var result: [UInt8] = []
    for line in text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false) {
        var column = 0
        let end = line.endIndex
        var index = line.startIndex
        while index < end {
            let byte = line[index]
            index = line.index(after: index)
            let isBlank = byte == 0x20 || byte == 0x09
            let isLiteral = (0x21..<0x7F).contains(byte) && byte != UInt8(ascii: "=") || isBlank && index < end
            let piece =
                isLiteral ? [byte] : [UInt8(ascii: "="), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            // The 76th place is kept for the sign that the line goes on.
            if column + piece.count > 75 {
                result += [UInt8(ascii: "="), 0x0D, 0x0A]
                column = 0
            }
            result += piece
            column += piece.count
        }
        result += [0x0D, 0x0A]
    }
    return String(decoding: result, as: UTF8.self)
}

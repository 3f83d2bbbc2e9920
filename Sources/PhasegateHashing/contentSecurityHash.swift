import Crypto

/// SHA-256 of a text's UTF-8 as a source of a content security policy, with its quotes: `'sha256-…'`.
///
/// Source: Content Security Policy Level 3, section 2.3.1, `hash-source`.
///
/// - Parameter text: the exact content of a `style` or `script` element.
/// - Returns: the quoted source.
public func contentSecurityHash(of text: String) -> String {
    var text = text
    return text.withUTF8 { "'sha256-\(base64(SHA256.hash(data: UnsafeRawBufferPointer($0))))'" }
}

/// Base64 with padding, RFC 4648 section 4.
private func base64(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    var rest: [UInt8] = []
    func flush() {
        let group = (0..<3).reduce(UInt32(0)) { $0 << 8 | UInt32($1 < rest.count ? rest[$1] : 0) }
        for place in 0..<4 {
            let digit = digits[Int(group >> UInt32(18 - 6 * place) & 63)]
            text.append(place <= rest.count ? digit : UInt8(ascii: "="))
        }
        rest.removeAll(keepingCapacity: true)
    }
    for byte in bytes {
        rest.append(byte)
        if rest.count == 3 { flush() }
    }
    if !rest.isEmpty { flush() }
    return String(decoding: text, as: UTF8.self)
}

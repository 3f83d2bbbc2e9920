/// The canonical CBOR of a list of fewer than 24 texts (RFC 8949, section 4.2): definite lengths, shortest heads.
func canonicalCBOR(_ texts: [String]) -> [UInt8] {
    precondition(texts.count < 24, "a longer list has a longer head")
    var bytes: [UInt8] = [0x80 | UInt8(texts.count)]
    for text in texts {
        let length = text.utf8.count
        switch length {
        case ..<24: bytes.append(0x60 | UInt8(length))
        case ..<0x100: bytes += [0x78, UInt8(length)]
        case ..<0x1_0000: bytes += [0x79, UInt8(length >> 8), UInt8(length & 0xFF)]
        default: bytes += [0x7A] + (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) }
        }
        bytes += text.utf8
    }
    return bytes
}

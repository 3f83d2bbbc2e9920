/// What keeps a text from being an address that requests are sent to, if anything.
///
/// - Returns: the end of a sentence that begins "the address"; it never repeats the address.
package func webAddressProblem(_ text: String) -> String? {
    guard text.utf8.count <= 2048 else { return "is longer than 2048 bytes" }
    guard text.utf8.allSatisfy({ (0x21..<0x7F).contains($0) && !#""<>\^`{|}"#.utf8.contains($0) }) else {
        return "contains a character that does not belong into one"
    }
    let scheme: String
    switch true {
    case text.hasPrefix("https://"): scheme = "https://"
    case text.hasPrefix("http://"): scheme = "http://"
    default: return "does not begin with 'https://' or 'http://'"
    }
    let rest = text.dropFirst(scheme.count)
    guard !rest.contains("#") else { return "has a fragment ('#')" }
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    guard !authority.contains("@") else { return "carries a user name or password" }
    return hostAndPort(authority) == nil ? "names no host, or no valid port" : nil
}

/// Why a plain address looks as if it were a secret itself, if it does.
///
/// - Returns: the end of a sentence that begins "the address".
package func secretInWebAddress(_ text: String) -> String? {
    let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let path = parts[0].split(separator: "/").dropFirst(2)
    if path.contains(where: looksRandom) { return "has a part that looks like a token" }
    guard parts.count == 2 else { return nil }
    for pair in parts[1].split(separator: "&") {
        let field = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = field[0].lowercased()
        let value = field.count == 2 ? field[1] : ""
        if isSecretName(name) || looksRandom(value) {
            return "has a query that looks like a token"
        }
    }
    return nil
}

/// Splits `host:port`; nothing for what is neither a name, nor an address, nor a port.
package func hostAndPort(_ text: Substring) -> (host: String, port: Int?)? {
    var host = text
    var port: Int?
    let colon = text.hasPrefix("[") ? text.firstRange(of: "]:")?.lowerBound : text.firstIndex(of: ":")
    if let colon {
        let end = text.hasPrefix("[") ? text.index(after: colon) : colon
        host = text[..<end]
        let digits = text[text.index(after: end)...]
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(digits),
            (1...65_535).contains(number)
        else { return nil }
        port = number
    }
    return isHost(host) ? (String(host), port) : nil
}

/// Whether a text is a host name, an IPv4 address, or an IPv6 address in brackets.
package func isHost(_ text: Substring) -> Bool {
    if text.hasPrefix("["), text.hasSuffix("]") {
        let inner = text.dropFirst().dropLast()
        return inner.contains(":") && inner.utf8.allSatisfy { $0.isHexadecimalDigit || $0 == 0x3A || $0 == 0x2E }
    }
    return (1...253).contains(text.utf8.count) && !text.hasPrefix(".") && !text.hasPrefix("-")
        && text.utf8.allSatisfy { $0.isASCIILetterOrDigit || $0 == 0x2D || $0 == 0x2E || $0 == 0x5F }
}

/// Whether a host is this machine, so that nothing sent to it leaves it.
package func isLoopback(_ host: String) -> Bool {
    if host == "localhost" || host == "[::1]" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
}

/// Whether nobody on the way to an address can read what is sent there: it is encrypted, or does not leave this machine.
///
/// - Parameters:
///   - address: an address that requests may be sent to.
///   - usesProxyVariables: whether there may be a proxy on the way.
/// - Returns: false for what is no such address.
package func isPrivate(wayTo address: String, usingProxyVariables usesProxyVariables: Bool) -> Bool {
    let plain = "http://"
    guard address.hasPrefix(plain) else { return address.hasPrefix("https://") }
    let authority = address.dropFirst(plain.count).prefix { $0 != "/" && $0 != "?" }
    guard !usesProxyVariables, let host = hostAndPort(authority)?.host else { return false }
    return isLoopback(host)
}

/// Sixteen and more letters and digits mixed are hardly a word that somebody chose.
private func looksRandom(_ part: Substring) -> Bool {
    let letters = part.utf8.filter { $0.isASCIILetterOrDigit && !(0x30...0x39).contains($0) }.count
    let digits = part.utf8.filter { (0x30...0x39).contains($0) }.count
    return part.utf8.count >= 16 && letters >= 3 && digits >= 3
}

/// Whether what stands under a name, of a header or of a field in a query, may be a secret.
package func isSecretName(_ name: String) -> Bool {
    let name = name.lowercased()
    return suspectNames.contains { name.contains($0) }
}

private let suspectNames = ["token", "key", "secret", "sig", "pass", "auth", "code", "credential"]

extension UInt8 {
    /// Whether it is a letter or digit of ASCII.
    package var isASCIILetterOrDigit: Bool {
        (0x30...0x39).contains(self) || (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self)
    }

    /// Whether it is a hexadecimal digit.
    package var isHexadecimalDigit: Bool {
        (0x30...0x39).contains(self) || (0x41...0x46).contains(self) || (0x61...0x66).contains(self)
    }
}

import PhasegateCore
import PhasegateHTTP

/// An address people can be reached at, with their name.
struct Mailbox: Hashable, Sendable {
    /// The name, if it says one.
    let displayName: String?
    /// As `ops@example.org`.
    let address: String

    /// Reads `ops@example.org` or `Operations <ops@example.org>`; nothing for anything else.
    ///
    /// Addresses are the plain ones of RFC 5321: ASCII, without quotes or comments.
    init?(_ text: String) {
        guard text == NoticeText.oneLine(text) else { return nil }
        if text.hasSuffix(">"), let open = text.unicodeScalars.lastIndex(of: "<") {
            let name = String(text[..<open]).trimmingBlanks()
            displayName = name.isEmpty ? nil : name
            address = String(text[text.unicodeScalars.index(after: open)...].dropLast())
        } else {
            displayName = nil
            address = text
        }
        guard Self.isAddress(address) else { return nil }
    }

    /// What follows the `@`.
    var domain: String { String(address.split(separator: "@")[1]) }

    private static func isAddress(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...64).contains(parts[0].utf8.count), isHost(parts[1]), !parts[1].hasPrefix("[")
        else {
            return false
        }
        let atoms = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        return atoms.allSatisfy { atom in
            !atom.isEmpty && atom.utf8.allSatisfy { $0.isASCIILetterOrDigit || "!#$%&'*+/=?^_`{|}~-".utf8.contains($0) }
        }
    }
}

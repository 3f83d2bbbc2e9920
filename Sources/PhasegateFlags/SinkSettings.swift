import PhasegateCore

/// Settings of a sink, read by key; what is wrong with one is a diagnostic that names its key.
struct SinkSettings {
    private let members: [String: Setting]

    init(_ settings: Setting) { members = settings.members }

    /// A text that has to be there.
    func required(_ key: String) throws(Diagnostic) -> String {
        guard let text = members[key]?.text, !text.isEmpty else {
            throw Diagnostic(rule: "bad-sink", "'\(key)' is missing or empty", hint: "write '\(key):' with a text")
        }
        return text
    }

    /// How long applications take to notice; at most a day, because a ramp waits for it.
    func propagation(_ key: String, default usual: Duration) throws(Diagnostic) -> Duration {
        guard let setting = members[key] else { return usual }
        guard let duration = setting.duration, duration >= .zero, duration <= .seconds(86_400) else {
            throw Diagnostic(rule: "bad-sink", "'\(key)' is not a duration up to a day", hint: "write '\(key): 5 s'")
        }
        return duration
    }

    /// The name of a table in letters, digits and `_`, with its schema before a dot if need be.
    func table(_ key: String, default usual: String) throws(Diagnostic) -> String {
        guard let text = members[key]?.text else { return usual }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let isPlain = parts.allSatisfy { part in
            !part.isEmpty && part.utf8.allSatisfy { $0 == UInt8(ascii: "_") || isLetterOrDigit($0) }
        }
        guard isPlain, parts.count <= 2 else {
            throw Diagnostic(
                rule: "bad-sink",
                "'\(key)' is not the name of a table",
                hint: "letters, digits and '_', with a schema before a dot if need be"
            )
        }
        return text
    }

    private func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}

import PhasegateCore

/// A text with placeholders as `{share_percent}`; any other brace stands for itself, so that JSON can be written plainly.
struct HTTPTemplate: Sendable {
    /// What can be filled in.
    enum Placeholder: String, CaseIterable, Sendable {
        case flag
        /// As `5` or `0.25`.
        case sharePercent = "share_percent"
        /// As `500`.
        case shareBasisPoints = "share_bp"
        /// `false` for nobody, else `true`.
        case enabled
        case salt
        case bucketBy = "bucket_by"
        /// What stood under `version-at` when it was read right before.
        case version
    }

    /// Where a value lands, and so what must not break out of it.
    enum Surroundings {
        case plain
        case address
        case json
    }

    private enum Piece: Sendable {
        case text(String)
        case placeholder(Placeholder)
    }

    private let pieces: [Piece]

    /// Reads a template.
    ///
    /// - Throws: a diagnostic for a word in braces that is no placeholder.
    init(_ text: String, key: String) throws(Diagnostic) {
        var pieces: [Piece] = []
        var rest = text[...]
        while let open = rest.firstIndex(of: "{") {
            let inner = rest[rest.index(after: open)...]
            let word = inner.prefix { ("a"..."z").contains($0) || $0 == "_" }
            guard !word.isEmpty, inner[word.endIndex...].first == "}" else {
                pieces.append(.text(String(rest[...open])))
                rest = inner
                continue
            }
            guard let placeholder = Placeholder(rawValue: String(word)) else {
                let near = nearest(to: String(word), among: Placeholder.allCases.map(\.rawValue))
                throw Diagnostic(
                    rule: "bad-sink",
                    "'\(key)' has a placeholder that nobody knows: '{\(word)}'",
                    hint: near.map { "did you mean '{\($0)}'?" }
                )
            }
            pieces += [.text(String(rest[..<open])), .placeholder(placeholder)]
            rest = inner[inner.index(after: word.endIndex)...]
        }
        self.pieces = pieces + [.text(String(rest))]
    }

    /// Whether it depends on any of some placeholders.
    func mentions(_ wanted: Placeholder...) -> Bool {
        pieces.contains { if case .placeholder(let found) = $0 { wanted.contains(found) } else { false } }
    }

    /// The text for a rule.
    func filled(for rule: FlagRule, version: String = "", in surroundings: Surroundings) -> String {
        pieces.map { piece in
            switch piece {
            case .text(let text): text
            case .placeholder(let placeholder):
                surroundings.harmless(value(of: placeholder, for: rule, version: version))
            }
        }.joined()
    }

    private func value(of placeholder: Placeholder, for rule: FlagRule, version: String) -> String {
        switch placeholder {
        case .flag: rule.key.rawValue
        case .sharePercent: shortDecimal(rule.share.percent)
        case .shareBasisPoints: "\(rule.share.rawValue)"
        case .enabled: rule.share == .none ? "false" : "true"
        case .salt: rule.draw.salt
        case .bucketBy: rule.draw.bucketBy
        case .version: version
        }
    }
}

extension HTTPTemplate.Surroundings {
    fileprivate func harmless(_ value: String) -> String {
        switch self {
        case .plain: return value
        case .json: return String(SinkJSON.text(value).line.dropFirst().dropLast())
        case .address:
            return value.utf8.map { byte in
                let isPlain =
                    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || "-._~".utf8.contains(byte)
                let digits = String(byte, radix: 16, uppercase: true)
                return isPlain ? String(UnicodeScalar(byte)) : "%\(byte < 16 ? "0" : "")\(digits)"
            }.joined()
        }
    }
}

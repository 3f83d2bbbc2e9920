/// A value from the rollout file that belongs to a plug-in: its settings, without places.
///
/// The loader has checked it against the plug-in's `Shape`, so that the
/// accessors only have to supply defaults.
public indirect enum Setting: Hashable, Codable, Sendable {
    case text(String)
    case whole(Int64)
    case real(Double)
    case truth(Bool)
    case list([Setting])
    case map([String: Setting])

    /// The member of a map under a key.
    public subscript(key: String) -> Setting? {
        if case .map(let members) = self { members[key] } else { nil }
    }

    /// The text of a scalar, numbers included; nothing for lists and maps.
    public var text: String? {
        switch self {
        case .text(let text): text
        case .whole(let number): String(number)
        case .real(let number): shortDecimal(number)
        case .truth(let truth): truth ? "true" : "false"
        case .list, .map: nil
        }
    }

    /// The whole number.
    public var whole: Int64? {
        if case .whole(let number) = self { number } else { nil }
    }

    /// The number, whole or real.
    public var number: Double? {
        switch self {
        case .whole(let number): Double(number)
        case .real(let number): number
        default: nil
        }
    }

    /// The truth value.
    public var truth: Bool? {
        if case .truth(let truth) = self { truth } else { nil }
    }

    /// The members of a list; a single scalar reads as a list of one.
    public var list: [Setting] {
        switch self {
        case .list(let members): members
        case .map: []
        default: [self]
        }
    }

    /// The members of a map, by key.
    public var members: [String: Setting] {
        if case .map(let members) = self { members } else { [:] }
    }

    /// A duration, as `10s`, `1.5 h` or `250 ms`.
    public var duration: Duration? { text.flatMap { Duration(text: $0) } }
}

extension Duration {
    /// Reads a duration with its unit, as `10s`, `30 min` or `2 weeks`; nothing on any other text.
    public init?(text: String) {
        let trimmed = text.trimmingBlanks()
        let digits = trimmed.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let unit = trimmed.dropFirst(digits.count).trimmingBlanks()
        guard let number = Double(digits), number.isFinite, number >= 0, let factor = Self.seconds(in: unit) else {
            return nil
        }
        let seconds = number * factor
        guard seconds <= 100 * 366 * 86_400 else { return nil }
        self = .milliseconds(Int64((seconds * 1000).rounded()))
    }

    private static func seconds(in unit: String) -> Double? {
        switch unit {
        case "ms": 0.001
        case "s", "second", "seconds": 1
        case "m", "min", "minute", "minutes": 60
        case "h", "hour", "hours": 3600
        case "d", "day", "days": 86_400
        case "w", "week", "weeks": 7 * 86_400
        default: nil
        }
    }

    /// The duration for people: at most two units, as `1 h 30 min`, `12 s` or `250 ms`.
    public var forPeople: String {
        let total = milliseconds
        guard total >= 1000 else { return "\(total) ms" }
        guard total >= 60_000 else { return shortDecimal(Double(total / 100) / 10) + " s" }
        let units: [(Int64, String)] = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1000, "s")]
        var rest = total
        var words: [String] = []
        for (size, name) in units where words.count < 2 {
            if rest >= size {
                words.append("\(rest / size) \(name)")
                rest %= size
            } else if !words.isEmpty {
                break
            }
        }
        return words.joined(separator: " ")
    }
}

import FoundationEssentials
import PhasegateHashing

/// What a value means, whichever engine holds it.
enum ValueKind: Hashable {
    case number
    case moment
    case json
    case plain

    /// The kind of a column by its type on both sides; the stricter reading wins.
    init(_ type: String, _ other: String) {
        let words = [type.uppercased(), other.uppercased()]
        func isAny(_ parts: [String]) -> Bool { words.contains { word in parts.contains { word.contains($0) } } }
        if isAny(["JSON"]) {
            self = .json
        } else if isAny(["TIMESTAMP", "DATETIME"]) {
            self = .moment
        } else if isAny(["INT", "SERIAL", "NUMERIC", "DECIMAL", "REAL", "DOUBLE", "FLOAT", "BOOL"]) {
            self = .number
        } else {
            self = .plain
        }
    }
}

/// Writes rows so that equal meaning gives equal bytes.
struct CanonicalRow {
    let kinds: [ValueKind]

    /// Adds a row to a hash of rows.
    func add(_ values: [SQLValue], to hash: inout RowSetHash) {
        var bytes: [UInt8] = []
        for (value, kind) in zip(values, kinds) {
            let part = Self.bytes(of: value, as: kind)
            withUnsafeBytes(of: UInt64(part.count)) { bytes += $0 }
            bytes += part
        }
        bytes.withUnsafeBytes { hash.add($0) }
    }

    /// The bytes of a value, with a first one that tells kinds apart.
    static func bytes(of value: SQLValue, as kind: ValueKind) -> [UInt8] {
        switch value {
        case .null: return [0]
        case .blob(let bytes): return [1] + bytes
        case .integer, .real, .decimal:
            // A moment may be kept as a number of seconds; it then equals no text.
            return [2] + Array(decimal(value.literal).utf8)
        case .text(let text):
            let canonical: String? =
                switch kind {
                case .number: isDecimal(text) ? decimal(text) : nil
                case .moment: microseconds(text).map { "\($0)" }
                case .json: (try? JSONDecoder().decode(JSONNode.self, from: Data(text.utf8)))?.text
                case .plain: nil
                }
            if kind == .number, let canonical { return [2] + Array(canonical.utf8) }
            return [canonical == nil ? 3 : 4] + Array((canonical ?? text).utf8)
        }
    }

    private static func isDecimal(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { "+-.eE0123456789".utf8.contains($0) } && Double(text) != nil
    }

    /// Sign, digits without zeros at either end, and the exponent: one spelling for each number.
    static func decimal(_ text: String) -> String {
        var rest = text.utf8[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
        var digits: [UInt8] = []
        var exponent = 0
        var isFraction = false
        while let byte = rest.first {
            switch byte {
            case UInt8(ascii: "."): isFraction = true
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                digits.append(byte)
                if isFraction { exponent -= 1 }
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                exponent += Int(String(decoding: rest.dropFirst(), as: UTF8.self)) ?? 0
                rest = rest.suffix(1)
            // Infinity and what is no number stay as they are.
            default: return text
            }
            rest.removeFirst()
        }
        while digits.last == UInt8(ascii: "0") {
            digits.removeLast()
            exponent += 1
        }
        let significant = digits.drop { $0 == UInt8(ascii: "0") }
        guard !significant.isEmpty else { return "0" }
        return (isNegative ? "-" : "") + String(decoding: significant, as: UTF8.self) + "e\(exponent)"
    }

    /// Microseconds since 1970 of `2026-01-31 10:00:00.25+01`; without an offset it is taken for UTC.
    static func microseconds(_ text: String) -> Int64? {
        var rest = Array(text.utf8)[...]
        func number(_ digits: Int) -> Int64? {
            let part = rest.prefix(digits)
            guard part.count == digits, let number = Int64(String(decoding: part, as: UTF8.self)), number >= 0 else {
                return nil
            }
            rest = rest.dropFirst(digits)
            return number
        }
        func take(_ characters: String) -> Bool {
            guard let first = rest.first, characters.utf8.contains(first) else { return false }
            rest.removeFirst()
            return true
        }
        guard let year = number(4), take("-"), let month = number(2), take("-"), let day = number(2) else { return nil }
        var seconds: Int64 = 0
        var fraction: Int64 = 0
        if take(" T") {
            guard let hour = number(2), take(":"), let minute = number(2) else { return nil }
            seconds = hour * 3600 + minute * 60
            if take(":") {
                guard let second = number(2) else { return nil }
                seconds += second
            }
            if take(".") {
                let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
                let padded = String(decoding: digits.prefix(6), as: UTF8.self)
                fraction = Int64(padded + String(repeating: "0", count: 6 - padded.utf8.count)) ?? 0
                rest = rest.dropFirst(digits.count)
            }
            if let sign = rest.first, "+-".utf8.contains(sign) {
                rest.removeFirst()
                guard let hours = number(2) else { return nil }
                var offset = hours * 3600
                _ = take(":")
                if !rest.isEmpty {
                    guard let minutes = number(2) else { return nil }
                    offset += minutes * 60
                }
                seconds -= sign == UInt8(ascii: "-") ? -offset : offset
            } else {
                _ = take("Z")
            }
        }
        guard rest.isEmpty, (1...12).contains(month), (1...31).contains(day) else { return nil }
        return (daysSince1970(year, month, day) * 86_400 + seconds) * 1_000_000 + fraction
    }

    /// Howard Hinnant's days_from_civil (https://howardhinnant.github.io/date_algorithms.html).
    private static func daysSince1970(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}

/// A JSON document, written the same way whatever the order of its keys.
private indirect enum JSONNode: Decodable {
    case null
    case truth(Bool)
    case number(String)
    case text(String)
    case list([JSONNode])
    case map([String: JSONNode])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .truth(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .number("\(value)")
        } else if let value = try? container.decode(Double.self) {
            self = .number("\(value)")
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([JSONNode].self) {
            self = .list(value)
        } else {
            self = .map(try container.decode([String: JSONNode].self))
        }
    }

    var text: String {
        switch self {
        case .null: "null"
        case .truth(let value): "\(value)"
        case .number(let digits): CanonicalRow.decimal(digits)
        case .text(let text): quoted(text)
        case .list(let nodes): "[" + nodes.map(\.text).joined(separator: ",") + "]"
        case .map(let nodes):
            "{" + nodes.sorted { $0.key < $1.key }.map { quoted($0.key) + ":" + $0.value.text }.joined(separator: ",")
                + "}"
        }
    }

    private func quoted(_ text: String) -> String { "\(text.utf8.count):\(text)" }
}

import PhasegateStatistics

/// Reads the lines that applications write in practice: a flat object whose texts have nothing escaped in them.
///
/// Anything else is left to a JSON parser, which takes ten times as long.
struct LineScanner {
    /// The line is JSON of a form that is not read here.
    struct Unusual: Error {}

    private let bytes: UnsafeBufferPointer<UInt8>
    private var index = 0
    /// The keys that have come, a bit each.
    private var seen: UInt8 = 0

    private var arm: Arm?
    private var observation = Observation(arm: .control)

    /// The keys that mean something.
    private enum Field: UInt8 {
        case arm = 1
        case user = 2
        case ms = 4
        case error = 8
        case score = 16
    }

    private init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// Reads a line.
    ///
    /// - Parameter bytes: the line without its end, in UTF-8.
    /// - Returns: what it says.
    /// - Throws: `LineError` for a line that says nothing, `Unusual` for one to be read by a parser.
    static func observation(in bytes: UnsafeBufferPointer<UInt8>) throws -> Observation {
        var scanner = LineScanner(bytes)
        return try scanner.object()
    }

    private mutating func object() throws -> Observation {
        try expect("{")
        skipBlanks()
        if peek() != UInt8(ascii: "}") {
            while true {
                try member()
                skipBlanks()
                guard peek() == UInt8(ascii: ",") else { break }
                index += 1
            }
        }
        try expect("}")
        skipBlanks()
        guard index == bytes.count else { throw LineError.noObject }
        guard let arm else { throw LineError.unknownArm }
        observation.arm = arm
        return observation
    }

    private mutating func member() throws {
        skipBlanks()
        let key = try string()
        try expect(":")
        skipBlanks()
        guard let field = field(key) else { return try skipValue() }
        guard seen & field.rawValue == 0 else { throw LineError.repeated }
        seen |= field.rawValue
        switch field {
        case .arm: arm = try armValue()
        case .user: observation.user = try userValue()
        case .ms: observation.microseconds = try numberValue().map { $0 * 1000 }
        case .error: observation.isError = try truthValue()
        case .score: observation.score = try numberValue()
        }
    }

    private func field(_ key: Range<Int>) -> Field? {
        switch key.count {
        case 2: equals(key, "ms") ? .ms : nil
        case 3: equals(key, "arm") ? .arm : nil
        case 4: equals(key, "user") ? .user : nil
        case 5: equals(key, "error") ? .error : equals(key, "score") ? .score : nil
        default: nil
        }
    }

    // MARK: Values

    private mutating func armValue() throws -> Arm {
        guard peek() == UInt8(ascii: "\"") else { throw LineError.unknownArm }
        let word = try string()
        if equals(word, "candidate") { return .candidate }
        if equals(word, "control") { return .control }
        throw LineError.unknownArm
    }

    private mutating func userValue() throws -> Observation.User? {
        if take("null") { return nil }
        guard peek() == UInt8(ascii: "\"") else { throw LineError.badUser }
        return Observation.User(utf8: bytes[try string()])
    }

    private mutating func truthValue() throws -> Bool {
        if take("true") { return true }
        if take("false") || take("null") { return false }
        throw LineError.badError
    }

    /// A number; what is none, as `NaN`, is passed on as such: the judge counts it against either claim.
    private mutating func numberValue() throws -> Double? {
        if take("null") { return nil }
        if take("NaN") { return .nan }
        if take("Infinity") { return .infinity }
        if take("-Infinity") { return -.infinity }
        return try number()
    }

    private mutating func number() throws -> Double {
        let begin = index
        let isNegative = peek() == UInt8(ascii: "-")
        if isNegative { index += 1 }
        let whole = digits()
        // Leading zeros are for octal numbers, which JSON has not.
        guard whole.count > 0, whole.count == 1 || bytes[index - whole.count] != 0x30 else { throw LineError.badNumber }
        var fraction = (count: 0, value: Int64(0))
        if peek() == UInt8(ascii: ".") {
            index += 1
            fraction = digits()
            guard fraction.count > 0 else { throw LineError.badNumber }
        }
        let hasExponent = peek() | 0x20 == UInt8(ascii: "e")
        if hasExponent { try exponent() }
        guard !hasExponent, whole.count + fraction.count <= 15 else {
            guard let value = Double(String(decoding: bytes[begin..<index], as: UTF8.self)) else {
                throw LineError.badNumber
            }
            return value
        }
        // Both are whole numbers that floating point holds, so their quotient is the nearest there is.
        let power = Self.powers[fraction.count]
        let value = (Double(whole.value) * power + Double(fraction.value)) / power
        return isNegative ? -value : value
    }

    /// How many digits there are, and what they make; the value of more than 18 is not meant to be used.
    private mutating func digits() -> (count: Int, value: Int64) {
        let begin = index
        var value: Int64 = 0
        while index < bytes.count, bytes[index] &- 0x30 <= 9 {
            value = value &* 10 &+ Int64(bytes[index] &- 0x30)
            index += 1
        }
        return (index - begin, value)
    }

    private mutating func exponent() throws {
        index += 1
        if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-") { index += 1 }
        guard digits().count > 0 else { throw LineError.badNumber }
    }

    private static let powers: [Double] = (0..<15).reduce(into: [1]) { powers, index in
        powers.append(powers[index] * 10)
    }

    private mutating func skipValue() throws {
        switch peek() {
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "{"), UInt8(ascii: "["): throw Unusual()
        default:
            if take("null") || take("true") || take("false") { return }
            _ = try number()
        }
    }

    // MARK: Bytes

    /// The bytes between two quotes.
    private mutating func string() throws -> Range<Int> {
        guard peek() == UInt8(ascii: "\"") else { throw LineError.noObject }
        index += 1
        let begin = index
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                index += 1
                return begin..<(index - 1)
            case UInt8(ascii: "\\"): throw Unusual()
            case 0..<0x20: throw LineError.noObject
            default: index += 1
            }
        }
        throw LineError.noObject
    }

    private func peek() -> UInt8 { index < bytes.count ? bytes[index] : 0 }

    private mutating func skipBlanks() {
        while index < bytes.count, bytes[index] == 0x20 || bytes[index] == 0x09 || bytes[index] == 0x0D { index += 1 }
    }

    private mutating func expect(_ character: Unicode.Scalar) throws {
        skipBlanks()
        guard peek() == UInt8(ascii: character) else { throw LineError.noObject }
        index += 1
    }

    private mutating func take(_ word: StaticString) -> Bool {
        guard equals(index..<(index + word.utf8CodeUnitCount), word) else { return false }
        index += word.utf8CodeUnitCount
        return true
    }

    private func equals(_ range: Range<Int>, _ word: StaticString) -> Bool {
        guard range.count == word.utf8CodeUnitCount, range.upperBound <= bytes.count else { return false }
        return word.withUTF8Buffer { wanted in
            for offset in 0..<wanted.count where bytes[range.lowerBound + offset] != wanted[offset] { return false }
            return true
        }
    }
}

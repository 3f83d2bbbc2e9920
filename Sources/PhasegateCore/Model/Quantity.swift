/// What a number counts in.
///
/// Two units of one dimension convert; others never compare.
public enum Unit: String, Codable, Sendable, CaseIterable {
    case none = ""
    case rows
    case percent = "%"
    case times = "x"
    case nanoseconds = "ns"
    case microseconds = "us"
    case milliseconds = "ms"
    case seconds = "s"
    case minutes = "min"
    case hours = "h"
    case days = "d"
    case bytes = "B"
    case kilobytes = "kB"
    case megabytes = "MB"
    case gigabytes = "GB"
    case kibibytes = "KiB"
    case mebibytes = "MiB"
    case gibibytes = "GiB"
    case perSecond = "/s"
    case perMinute = "/min"

    /// What kind of thing a unit measures.
    public enum Dimension: String, Codable, Sendable {
        case count
        case share
        case ratio
        case time
        case size
        case rate
    }

    /// The dimension; only units of one dimension can be compared.
    public var dimension: Dimension {
        switch self {
        case .none, .rows: .count
        case .percent: .share
        case .times: .ratio
        case .nanoseconds, .microseconds, .milliseconds, .seconds, .minutes, .hours, .days: .time
        case .bytes, .kilobytes, .megabytes, .gigabytes, .kibibytes, .mebibytes, .gibibytes: .size
        case .perSecond, .perMinute: .rate
        }
    }

    /// How many of the dimension's base unit (nanosecond, byte, per minute, one) make one of this unit.
    public var scale: Double {
        switch self {
        case .none, .rows, .percent, .times, .nanoseconds, .bytes, .perMinute: 1
        case .microseconds: 1e3
        case .milliseconds: 1e6
        case .seconds: 1e9
        case .minutes: 60e9
        case .hours: 3600e9
        case .days: 86_400e9
        case .kilobytes: 1e3
        case .megabytes: 1e6
        case .gigabytes: 1e9
        case .kibibytes: 1024
        case .mebibytes: 1_048_576
        case .gibibytes: 1_073_741_824
        case .perSecond: 60
        }
    }
}

/// A measured or a demanded value: a whole number, a real number or a word, with its unit.
///
/// A real number is finite by construction, so that NaN can never reach a comparison.
public struct Quantity: Hashable, Codable, Sendable {
    /// The value without its unit.
    public enum Value: Hashable, Codable, Sendable {
        case whole(Int64)
        case real(Double)
        case word(String)
    }

    /// The value.
    public let value: Value
    /// What it counts in; `.none` for words.
    public let unit: Unit

    /// A whole number.
    public init(_ number: Int64, _ unit: Unit = .none) {
        value = .whole(number)
        self.unit = unit
    }

    /// A word, as `verified`.
    public init(word: String) {
        value = .word(word)
        unit = .none
    }

    /// A real number, or nothing for NaN and the infinities.
    public init?(real number: Double, _ unit: Unit = .none) {
        guard number.isFinite else { return nil }
        value = .real(number)
        self.unit = unit
    }

    /// The number in its own unit; nothing for a word.
    public var number: Double? {
        switch value {
        case .whole(let number): Double(number)
        case .real(let number): number
        case .word: nil
        }
    }

    /// The word; nothing for a number.
    public var word: String? {
        switch value {
        case .word(let word): word
        case .whole, .real: nil
        }
    }

    /// Compares two quantities; nothing when they have no common dimension or a word meets a number.
    ///
    /// - Parameter other: the quantity to compare with.
    /// - Returns: negative, zero or positive as this one is smaller, equal or larger; words are equal or not.
    public func compared(with other: Quantity) -> Int? {
        switch (value, other.value) {
        case (.word(let left), .word(let right)):
            return left == right ? 0 : (left < right ? -1 : 1)
        case (.whole(let left), .whole(let right)) where unit.scale == other.unit.scale:
            guard unit.dimension == other.unit.dimension else { return nil }
            return left == right ? 0 : (left < right ? -1 : 1)
        default:
            guard let left = number, let right = other.number, unit.dimension == other.unit.dimension else {
                return nil
            }
            let (a, b) = unit == other.unit ? (left, right) : (left * unit.scale, right * other.unit.scale)
            return a == b ? 0 : (a < b ? -1 : 1)
        }
    }

    /// This quantity times a factor, in the same unit; nothing for words and overflow.
    public func scaled(by factor: Double) -> Quantity? {
        if factor == 1 { return self }
        guard let number else { return nil }
        return Quantity(real: number * factor, unit)
    }
}

extension Quantity: CustomStringConvertible {
    /// The value with its unit, as `47.2 ms`, `1000 rows` or `verified`; at most six significant digits.
    public var description: String {
        let text =
            switch value {
            case .whole(let number): String(number)
            case .real(let number): shortDecimal(number)
            case .word(let word): word
            }
        return switch unit {
        case .none: text
        case .perSecond, .perMinute: text + unit.rawValue
        case .percent, .times: text + " " + unit.rawValue
        default: text + " " + unit.rawValue
        }
    }
}

/// Writes a number with at most six significant digits and no trailing zeros.
///
/// - Parameter number: any finite number; others print as Swift prints them.
/// - Returns: the digits, without an exponent between 1e-6 and 1e15.
public func shortDecimal(_ number: Double) -> String {
    guard number.isFinite, number != 0 else { return number == 0 ? "0" : "\(number)" }
    let magnitude = abs(number)
    guard magnitude >= 1e-6, magnitude < 1e15 else { return "\(number)" }
    var decimals = 0
    var reach = magnitude
    while reach < 100_000, decimals < 9 {
        reach *= 10
        decimals += 1
    }
    // Rounding to three decimals is enough for anything people compare by eye.
    decimals = magnitude >= 1 ? min(decimals, 3) : decimals
    var power = 1.0
    for _ in 0..<decimals { power *= 10 }
    let scaled = (magnitude * power).rounded()
    let whole = Int64(scaled / power)
    var fraction = String(Int64(scaled) - whole * Int64(power))
    fraction = String(repeating: "0", count: max(0, decimals - fraction.count)) + fraction
    while fraction.hasSuffix("0") { fraction.removeLast() }
    let digits = decimals == 0 || fraction.isEmpty ? String(whole) : "\(whole).\(fraction)"
    return number < 0 ? "-" + digits : digits
}

extension Quantity {
    /// Reads a number with its unit, as `50 ms`, `1 %`, `10000/min` or `3`.
    ///
    /// - Parameter text: the number, an optional blank and the unit; nothing on any other text.
    public init?(_ text: String) {
        let trimmed = text.trimmingBlanks()
        let digits = trimmed.prefix { $0.isASCII && ($0.isNumber || "+-._".contains($0)) }
        let unitText = trimmed.dropFirst(digits.count).drop { $0 == " " }
        guard !digits.isEmpty, let unit = Unit(rawValue: String(unitText)) else { return nil }
        let plain = digits.filter { $0 != "_" }
        if let whole = Int64(plain) {
            self.init(whole, unit)
        } else if let real = Double(plain) {
            self.init(real: real, unit)
        } else {
            return nil
        }
    }
}

extension StringProtocol {
    /// The text without blanks, tabs and line ends at both sides.
    public func trimmingBlanks() -> String {
        var slice = Substring(self)
        while let first = slice.first, first.isWhitespace { slice.removeFirst() }
        while let last = slice.last, last.isWhitespace { slice.removeLast() }
        return String(slice)
    }
}

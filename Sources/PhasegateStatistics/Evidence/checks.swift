/// The largest count that a floating-point number holds exactly, with room for a sum.
let largestCount = 1 << 52

/// A number strictly between 0 and 1, checked when it is made and when it is decoded.
struct OpenShare: Codable, Hashable, Sendable {
    let value: Double

    init(_ value: Double) throws(StatisticsError) {
        guard value > 0, value < 1 else { throw .shareOutOfRange }
        self.value = value
    }

    init(from decoder: any Decoder) throws {
        try self.init(decoder.singleValueContainer().decode(Double.self))
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}

/// A positive finite number, checked when it is made and when it is decoded.
struct PositiveNumber: Codable, Hashable, Sendable {
    let value: Double

    init(_ value: Double) throws(StatisticsError) {
        // Beyond these bounds products of two lose their meaning.
        guard value >= 1e-12, value <= 1e12 else { throw .notPositive }
        self.value = value
    }

    init(from decoder: any Decoder) throws {
        try self.init(decoder.singleValueContainer().decode(Double.self))
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}

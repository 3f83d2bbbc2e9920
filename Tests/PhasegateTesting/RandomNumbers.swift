/// Random numbers that come again for the same seed, so that a failing seed can be run alone.
public struct RandomNumbers: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Starts at a seed.
    public init(seed: Int) { state = UInt64(bitPattern: Int64(seed)) &* 0x2545_F491_4F6C_DD1D | 1 }

    /// The next 64 bits: an odd-state xorshift, whose low bits are mixed by a last multiplication.
    public mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_F491_4F6C_DD1D
    }

    /// True so many times in a hundred.
    public mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }

    /// One of several.
    ///
    /// - Parameters:
    ///   - first: the one that is taken when there is no other.
    ///   - others: the rest.
    /// - Returns: each with the same chance.
    public mutating func pick<Element>(_ first: Element, _ others: Element...) -> Element {
        ([first] + others).randomElement(using: &self) ?? first
    }
}

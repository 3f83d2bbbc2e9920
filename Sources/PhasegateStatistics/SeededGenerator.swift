/// A random number generator that gives the same numbers for the same seed on every machine.
///
/// The algorithm is SplitMix64 (Steele, Lea, Flood: "Fast splittable
/// pseudorandom number generators", OOPSLA 2014). It is for samples and
/// simulations, never for secrets. The standard library does not promise that
/// `Int.random(in:using:)` and `shuffle(using:)` draw the same way in every
/// release, so what has to be reproduced draws with the methods below.
public struct SeededGenerator: RandomNumberGenerator, Hashable, Sendable {
    private var state: UInt64

    /// Starts at a seed; every seed is as good as another.
    public init(seed: UInt64) { state = seed }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }

    /// A generator whose numbers have nothing to do with those that follow here.
    public mutating func split() -> SeededGenerator { SeededGenerator(seed: next()) }
}

extension RandomNumberGenerator {
    /// A number in 0 ..< 1 with 53 random bits.
    public mutating func unit() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }

    /// A number in 0 ..< bound; 0 when the bound leaves no choice.
    ///
    /// Takes the high half of a 128-bit product, so no number is favoured by
    /// more than one part in 2^64 / bound.
    public mutating func below(_ bound: Int) -> Int {
        guard bound > 1 else { return 0 }
        return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }
}

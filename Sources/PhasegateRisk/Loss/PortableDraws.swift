/// Random numbers that any language can draw again: by label and number, not one after the other.
///
/// SplitMix64 in counter form: a stream begins where the FNV-1a hash of its
/// label, the seed mixed in, leads to. So a stream needs no state, a simulation
/// may look at worlds in any order, and one more risk leaves the draws of the
/// others alone. Steele, Lea, Flood: Fast splittable pseudorandom number
/// generators, OOPSLA 2014; the mixing function is Stafford's variant 13.
public struct PortableDraws: Sendable {
    private static let step: UInt64 = 0x9E37_79B9_7F4A_7C15
    private let base: UInt64

    /// Begins a stream.
    ///
    /// - Parameters:
    ///   - label: what is drawn, as `A/R001/occur`.
    ///   - seed: the seed of the simulation.
    public init(_ label: String, seed: UInt64) {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in label.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        base = Self.mixed(hash ^ seed)
    }

    /// One draw: at least 0, less than 1, in steps of 2^-53.
    public subscript(number: Int) -> Double {
        let bits = Self.mixed(base &+ (UInt64(truncatingIfNeeded: number) &+ 1) &* Self.step)
        return Double(bits >> 11) * 0x1p-53
    }

    private static func mixed(_ value: UInt64) -> UInt64 {
        var bits = value
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}

import PhasegateFlags
import Testing

@Suite("murmur3")
struct MurmurTests {
    /// Computed by an implementation in another language; the last three lengths leave 1, 2 and 3 bytes over.
    @Test(arguments: [
        ("", 0, 0), ("", 1, 1_364_076_727), ("", 0xFFFF_FFFF, 2_180_083_513), ("a", 0, 1_009_084_850),
        ("ab", 0, 2_613_040_991), ("abc", 0, 3_017_643_002), ("abcd", 0, 1_139_631_978),
        ("abcde", 0x9747_B28C, 3_910_514_738), ("Grüße-日本", 0, 1_701_107_653),
        ("The quick brown fox jumps over the lazy dog", 0x9747_B28C, 799_549_133),
    ])
    func agreesWithTheReference(text: String, seed: UInt32, expected: UInt32) {
        #expect(murmur3(text.utf8, seed: seed) == expected)
    }

    @Test func readsBytesThatAreNoText() {
        #expect(murmur3([0xFF, 0xFF, 0xFF, 0xFF]) == 1_982_413_648)
        #expect(murmur3([0x21, 0x43, 0x65, 0x87]) == 4_116_402_539)
    }

    /// The hash inputs flagd's providers build, with what they get.
    @Test(arguments: [
        ("user-1", 3_520_526_233), ("user-3", 1_604_902_227), ("alice@example.com", 1_189_700_046),
        ("tenant:acme", 175_390_463),
    ])
    func agreesWithFlagd(targetingKey: String, expected: UInt32) {
        #expect(murmur3(("orders-v2-read" + targetingKey).utf8) == expected)
    }
}

import PhasegateStatistics
import Testing

@Suite("seeded generator")
struct SeededGeneratorTests {
    /// From the reference implementation in C, seed 1234567.
    @Test func givesTheNumbersOfTheReference() {
        var generator = SeededGenerator(seed: 1_234_567)
        #expect(generator.next() == 6_457_827_717_110_365_317)
        #expect(generator.next() == 3_203_168_211_198_807_973)
        #expect(generator.next() == 9_817_491_932_198_370_423)
    }

    @Test func repeatsItselfForTheSameSeedOnly() {
        var first = SeededGenerator(seed: 7)
        var same = SeededGenerator(seed: 7)
        var other = SeededGenerator(seed: 8)
        let numbers = (0..<100).map { _ in first.next() }
        #expect(numbers == (0..<100).map { _ in same.next() })
        #expect(numbers != (0..<100).map { _ in other.next() })
    }

    @Test func splitsIntoIndependentStreams() {
        var whole = SeededGenerator(seed: 7)
        var part = whole.split()
        #expect((0..<10).map { _ in part.next() } != (0..<10).map { _ in whole.next() })
    }

    @Test(arguments: [1, 2, 3, 10, 1000])
    func staysBelowTheBoundAndReachesAllOfIt(bound: Int) {
        var generator = SeededGenerator(seed: 3)
        let drawn = (0..<(bound * 20)).map { _ in generator.below(bound) }
        #expect(drawn.allSatisfy { (0..<bound).contains($0) })
        #expect(Set(drawn).count == bound)
    }

    @Test(arguments: [0, -5, Int.min])
    func answersABoundWithoutChoiceWithZero(bound: Int) {
        var generator = SeededGenerator(seed: 3)
        #expect(generator.below(bound) == 0)
    }

    @Test func fillsTheUnitIntervalEvenly() {
        var generator = SeededGenerator(seed: 11)
        let numbers = (0..<20_000).map { _ in generator.unit() }
        #expect(numbers.allSatisfy { $0 >= 0 && $0 < 1 })
        #expect(abs(numbers.reduce(0, +) / 20_000 - 0.5) < 0.01)
    }
}

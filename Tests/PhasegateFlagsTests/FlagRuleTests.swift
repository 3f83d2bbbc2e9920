import PhasegateCore
import PhasegateFlags
import Testing

@Suite("flag rule")
struct FlagRuleTests {
    private func rule(_ share: Int, salt: String = "orders-v2-read") -> FlagRule {
        FlagRule(key: "orders-v2-read", salt: salt, share: BasisPoints(rawValue: share))
    }

    private let users = (0..<20_000).map { "user-\($0)" }

    @Test(arguments: [("user-1", false), ("user-3", false), ("alice@example.com", false), ("tenant:acme", true)])
    func decidesAsFlagdDoesAtAQuarter(user: String, expected: Bool) {
        #expect(rule(2500).isExposed(user) == expected)
    }

    /// Hash 175390463 times 10 000, shifted right by 32, is bucket 408.
    @Test func drawsTheLineAtTheBucket() {
        #expect(!rule(408).isExposed("tenant:acme"))
        #expect(rule(409).isExposed("tenant:acme"))
    }

    @Test func answersNobodyAndEverybodyWithoutALot() {
        for user in users.prefix(2000) + [""] {
            #expect(!rule(0).isExposed(user))
            #expect(rule(10_000).isExposed(user))
        }
    }

    @Test func doesNotExposeUsersWithoutAKey() {
        #expect((1..<10_000).allSatisfy { !rule($0).isExposed("") })
    }

    @Test(arguments: [100, 500, 2500, 5000, 9999])
    func exposesAboutTheShareItNames(share: Int) {
        let exposed = users.count { rule(share).isExposed($0) }
        let chance = Double(share) / 10_000
        let deviation = (20_000 * chance * (1 - chance)).squareRoot()
        #expect(abs(Double(exposed) - 20_000 * chance) < 4 * deviation + 1)
    }

    @Test func keepsEveryEarlyUserWhileTheShareGrows() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<3000 {
            let user = String(
                (0..<Int.random(in: 1...24, using: &generator)).map { _ in Self.letters.randomElement() ?? "x" }
            )
            let shares = (0..<4).map { _ in Int.random(in: 0...10_000, using: &generator) }.sorted()
            let salt = "salt-\(Int.random(in: 0...50, using: &generator))"
            let exposed = shares.map { rule($0, salt: salt).isExposed(user) }
            // Once true, true for all larger shares.
            #expect(exposed == exposed.filter { !$0 } + exposed.filter { $0 }, "\(user) \(salt) \(shares)")
        }
    }

    private static let letters = Array("abcxyz0189-_.@ ÄßØ日本🙂")

    @Test func drawsOtherUsersByAnotherSalt() {
        let first = Set(users.filter { rule(500).isExposed($0) })
        let second = Set(users.filter { rule(500, salt: "another").isExposed($0) })
        // By chance 50 of 20 000 are in both.
        #expect((20...90).contains(first.intersection(second).count))
    }
}

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

    /// Users, and whether flagd's three generations show them the flag at a quarter.
    @Test(arguments: [
        ("user-1", false, false, false), ("user-3", false, false, true), ("alice@example.com", false, false, true),
        ("tenant:acme", true, true, false),
    ])
    func decidesAsEachGenerationDoes(user: String, first: Bool, second: Bool, third: Bool) {
        let expected = [FlagAlgorithm.flagdV1: first, .flagdV2: second, .flagdV3: third]
        for (algorithm, isExposed) in expected {
            let draw = FlagDraw(salt: "orders-v2-read", algorithm: algorithm)
            let rule = FlagRule(key: "orders-v2-read", draw: draw, share: BasisPoints(rawValue: 2500))
            #expect(rule.isExposed(user) == isExposed, "\(algorithm)")
        }
    }

    @Test(arguments: FlagAlgorithm.allCases)
    func keepsEarlyUsersInEveryGeneration(algorithm: FlagAlgorithm) {
        let draw = FlagDraw(salt: "orders-v2-read", algorithm: algorithm)
        let cohorts = [0, 1, 50, 500, 2500, 9999, 10_000].map { share in
            let rule = FlagRule(key: "orders-v2-read", draw: draw, share: BasisPoints(rawValue: share))
            return Set(users.filter { rule.isExposed($0) })
        }
        for (smaller, larger) in zip(cohorts, cohorts.dropFirst()) { #expect(smaller.isSubset(of: larger)) }
        #expect(cohorts[0].isEmpty && cohorts[6].count == users.count)
        #expect((930...1070).contains(cohorts[3].count), "\(cohorts[3].count) of 20,000 at 5 %")
    }

    @Test(arguments: FlagAlgorithm.allCases)
    func takesTheFirstOfARankedList(algorithm: FlagAlgorithm) {
        let tenants = (0..<41).map { "tenant-\($0)" }
        func exposed(_ share: Int, among tenants: [String]) -> Set<String> {
            let draw = FlagDraw(salt: "r", algorithm: algorithm, cohort: .ranked(tenants))
            let rule = FlagRule(key: "r", draw: draw, share: BasisPoints(rawValue: share))
            return Set((tenants + ["stranger"]).filter { rule.isExposed($0) })
        }
        let sizes = [1: 1, 243: 1, 244: 2, 500: 3, 2500: 11, 9999: 41]
        for (share, size) in sizes { #expect(exposed(share, among: tenants).count == size, "\(share)") }
        #expect(exposed(0, among: tenants).isEmpty)
        #expect(exposed(10_000, among: tenants).contains("stranger"))
        #expect(exposed(500, among: tenants).isSubset(of: exposed(2500, among: tenants)))
        #expect(exposed(500, among: tenants) == exposed(500, among: tenants.reversed()))
    }

    @Test func deniesBeforeItAllows() {
        let draw = FlagDraw(salt: "s", deny: ["never", "both"], allow: ["first", "both"])
        func exposed(_ share: Int) -> [String] {
            let rule = FlagRule(key: "s", draw: draw, share: BasisPoints(rawValue: share))
            return ["never", "both", "first"].filter { rule.isExposed($0) }
        }
        #expect(exposed(1) == ["first"] && exposed(10_000) == ["first"])
        #expect(exposed(0) == [], "a kill is for those too who were allowed")
    }

    @Test func bucketsByAnAttribute() {
        let draw = FlagDraw(salt: "orders-v2-read", bucketBy: "tenant")
        let rule = FlagRule(key: "orders-v2-read", draw: draw, share: BasisPoints(rawValue: 2500))
        #expect(rule.isExposed(in: ["targetingKey": "user-1", "tenant": "tenant:acme"]))
        #expect(!rule.isExposed(in: ["targetingKey": "tenant:acme"]))
        #expect(!rule.isExposed(in: ["targetingKey": "tenant:acme", "tenant": ""]))
    }
}

import PhasegateCore
import Testing

@Suite("Holding values against bounds")
struct BoundTests {
    @Test(
        "each comparison below, at and above its limit",
        arguments: [
            ("< 100 ms", true, false, false), ("<= 100 ms", true, true, false), ("= 100 ms", false, true, false),
            ("!= 100 ms", true, false, true), (">= 100 ms", false, true, true), ("> 100 ms", false, false, true),
        ]
    )
    func boundary(text: String, below: Bool, at: Bool, above: Bool) throws {
        let bound = try Bound(text)
        #expect(bound.holds(for: try #require(Quantity(real: 100.0.nextDown, .milliseconds)), baseline: nil) == below)
        #expect(bound.holds(for: Quantity(99, .milliseconds), baseline: nil) == below)
        #expect(bound.holds(for: Quantity(100, .milliseconds), baseline: nil) == at)
        #expect(bound.holds(for: Quantity(100_000, .microseconds), baseline: nil) == at)
        #expect(bound.holds(for: Quantity(101, .milliseconds), baseline: nil) == above)
        #expect(bound.holds(for: try #require(Quantity(real: 100.0.nextUp, .milliseconds)), baseline: nil) == above)
    }

    @Test(
        "bounds that follow the baseline, at their edges",
        arguments: [
            ("= baseline", 200, true), ("= baseline", 201, false), ("<= 1.5 x baseline", 300, true),
            ("<= 1.5 x baseline", 301, false), ("< 1.5 x baseline", 300, false), (">= 0.5 x baseline", 100, true),
            (">= 0.5 x baseline", 99, false), ("within 10 % of baseline", 180, true),
            ("within 10 % of baseline", 220, true),
            ("within 10 % of baseline", 179, false), ("within 10 % of baseline", 221, false),
            ("within 0 % of baseline", 200, true), ("within 0 % of baseline", 199, false),
        ] as [(String, Int64, Bool)]
    )
    func baseline(text: String, observed: Int64, holds: Bool) throws {
        #expect(try Bound(text).holds(for: Quantity(observed, .rows), baseline: Quantity(200, .rows)) == holds)
    }

    @Test("a negative baseline has its band on both sides too")
    func negativeBaseline() throws {
        let bound = try Bound("within 10 % of baseline")
        #expect(bound.holds(for: Quantity(-110), baseline: Quantity(-100)) == true)
        #expect(bound.holds(for: Quantity(-89), baseline: Quantity(-100)) == false)
    }

    @Test("a band takes its edges in")
    func band() throws {
        let bound = try Bound("between 30 % and 50 %")
        for (observed, holds) in [(29, false), (30, true), (40, true), (50, true), (51, false)] as [(Int64, Bool)] {
            #expect(bound.holds(for: Quantity(observed, .percent), baseline: nil) == holds)
        }
    }

    @Test(
        "without a baseline or with another dimension it cannot be told",
        arguments: [
            "= baseline", "<= 1.2 x baseline", "within 1 % of baseline", "> 5 MB", "between 1 % and 2 %", "verified",
        ]
    )
    func untold(text: String) throws {
        #expect(try Bound(text).holds(for: Quantity(1, .milliseconds), baseline: nil) == nil)
        #expect(try Bound(text).holds(for: Quantity(1, .milliseconds), baseline: Quantity(1, .bytes)) == nil)
    }

    @Test("a word as baseline, as a content hash is")
    func wordBaseline() throws {
        let bound = try Bound("= baseline")
        #expect(bound.holds(for: Quantity(word: "abc"), baseline: Quantity(word: "abc")) == true)
        #expect(bound.holds(for: Quantity(word: "abd"), baseline: Quantity(word: "abc")) == false)
        #expect(
            try Bound("<= 1.2 x baseline").holds(for: Quantity(word: "abc"), baseline: Quantity(word: "abc")) == nil
        )
    }
}

import PhasegateCore
import Testing

@Suite("Reading bounds")
struct BoundParsingTests {
    @Test(
        "every form is read and written back in its normal spelling",
        arguments: [
            ("> 100 ms", "> 100 ms"), (">100ms", "> 100 ms"), ("<= 50 ms", "<= 50 ms"), (">= 3", ">= 3"),
            ("< 1.5 %", "< 1.5 %"),
            ("!= 0 rows", "!= 0 rows"), ("= 0", "= 0"), ("= baseline", "= baseline"), (">= baseline", ">= baseline"),
            ("<= 1.2 x baseline", "<= 1.2 x baseline"), ("<= 1.2x baseline", "<= 1.2 x baseline"),
            ("= 1 x baseline", "= baseline"),
            ("within 1 % of baseline", "within 1 % of baseline"), ("within 0 % of baseline", "within 0 % of baseline"),
            ("between 30 % and 50 %", "between 30 % and 50 %"), ("between 1 s and 2 min", "between 1 s and 2 min"),
            ("between 5 and 5", "between 5 and 5"), ("verified", "verified"), ("= verified", "verified"),
            ("!= down", "!= down"),
            ("  verified  ", "verified"), ("10000/min", nil), ("> 10000/min", "> 10000/min"),
            ("level-2.1_a:b", "level-2.1_a:b"),
        ] as [(String, String?)]
    )
    func reads(text: String, normal: String?) {
        let bound = try? Bound(text)
        #expect(bound?.description == normal)
        if let bound { #expect((try? Bound(bound.description)) == bound, "its own spelling is read as the same bound") }
    }

    @Test("forms mean what they say")
    func meaning() throws {
        #expect(try Bound("verified") == Bound(.equal, .value(Quantity(word: "verified"))))
        #expect(try Bound(">= 3 ms") == Bound(.atLeast, .value(Quantity(3, .milliseconds))))
        #expect(try Bound("< 1.5 x baseline") == Bound(.less, .baseline(times: 1.5)))
        #expect(try Bound("within 2 % of baseline") == Bound(.equal, .nearBaseline(percent: 2)))
        #expect(try Bound("between 1 and 2") == Bound(.equal, .between(Quantity(1), Quantity(2))))
    }

    @Test(
        "a text that is no bound is refused with the way out",
        arguments: [
            ("", "is empty", "verified"), ("   ", "is empty", "verified"), ("50 ms", "no comparison", "'<= 50 ms'"),
            ("two words", "no comparison", "one bare word"),
            ("within 1 of baseline", "not a band", "within 1 % of baseline"),
            ("within -1 % of baseline", "not a band", "within 1 %"), ("within 1 %", "not a band", "within 1 %"),
            ("between 1 and", "not a band", "between 30 %"), ("between 1 ms and 5 %", "not a band", "between 30 %"),
            ("between low and high", "not a band", "between 30 %"),
            ("between 2 and 1", "wrong way round", "smaller edge first"),
            ("<= 0 x baseline", "not a factor", "1.2 x baseline"),
            ("<= -1 x baseline", "not a factor", "1.2 x baseline"),
            ("<= nan x baseline", "not a factor", "1.2 x baseline"),
            ("<= inf x baseline", "not a factor", "1.2 x baseline"),
            ("<= x baseline", "not a factor", "1.2 x baseline"), ("<= 5 parsecs", "neither a number", "ms"),
            ("<=", "neither a number", "ms"), ("=> 5", "neither a number", "ms"),
            ("> nan ms", "neither a number", "ms"),
        ]
    )
    func refuses(text: String, problem: String, hint: String) throws {
        let error = try #require(throws: Bound.SyntaxError.self) { try Bound(text) }
        #expect(error.problem.contains(problem), "\(error.problem)")
        #expect(error.hint.contains(hint), "\(error.hint)")
    }

    @Test("a bound knows whether it needs a baseline and in which unit it is")
    func needs() throws {
        #expect(try Bound("<= 1.2 x baseline").needsBaseline)
        #expect(try Bound("within 1 % of baseline").needsBaseline)
        #expect(try !Bound("between 1 and 2").needsBaseline)
        #expect(try !Bound("verified").needsBaseline)
        #expect(try Bound("> 5 ms").unit == .milliseconds)
        #expect(try Bound("between 1 s and 2 min").unit == .seconds)
        #expect(try Bound("= baseline").unit == nil)
    }
}

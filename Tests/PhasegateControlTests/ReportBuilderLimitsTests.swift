import PhasegateCore
import PhasegateTesting
import Testing

@testable import PhasegateControl

@Suite("What a criterion is held against")
struct ReportBuilderLimitsTests {
    private typealias Limit = RolloutReport.Limit

    private static let hundred = Quantity(100, .milliseconds)

    @Test(
        "lines stand where a value begins to fail or to warn, with the bad side named",
        arguments: [
            ("<= 100 ms", nil, nil, [Limit(kind: .fail, value: 100, isCeiling: true)]),
            ("> 10 ms", nil, nil, [Limit(kind: .fail, value: 10, isCeiling: false)]),
            (
                nil, "> 1 s", ">= 50 ms",
                [
                    Limit(kind: .fail, value: 1000, isCeiling: true),
                    Limit(kind: .warn, value: 50, isCeiling: true),
                ]
            ),
            (nil, "< 1 ms", nil, [Limit(kind: .fail, value: 1, isCeiling: false)]),
            ("<= 1.2 x baseline", nil, nil, [Limit(kind: .fail, value: 120, isCeiling: true)]),
            (
                "within 5 % of baseline", nil, nil,
                [
                    Limit(kind: .fail, value: 95, isCeiling: false),
                    Limit(kind: .fail, value: 105, isCeiling: true),
                ]
            ),
            (
                "between 30 ms and 50 ms", nil, nil,
                [
                    Limit(kind: .fail, value: 30, isCeiling: false),
                    Limit(kind: .fail, value: 50, isCeiling: true),
                ]
            ),
            (
                "= baseline", nil, nil,
                [
                    Limit(kind: .fail, value: 100, isCeiling: false),
                    Limit(kind: .fail, value: 100, isCeiling: true),
                ]
            ),
            ("!= 0 ms", nil, nil, []),
            (nil, "= 0 ms", nil, []),
            (
                nil, "!= 7 ms", nil,
                [
                    Limit(kind: .fail, value: 7, isCeiling: false),
                    Limit(kind: .fail, value: 7, isCeiling: true),
                ]
            ),
            (
                nil, "between 30 ms and 50 ms", nil,
                [
                    Limit(kind: .fail, value: 30, isCeiling: true),
                    Limit(kind: .fail, value: 50, isCeiling: false),
                ]
            ),
            ("<= 100 rows", nil, nil, []),
            ("verified", nil, nil, []),
        ] as [(String?, String?, String?, [RolloutReport.Limit])]
    )
    func lines(demand: String?, fail: String?, warn: String?, expected: [RolloutReport.Limit]) throws {
        let criterion = try makeCriterion("c", demand: demand, fail: fail, warn: warn)
        #expect(criterion.limits(in: .milliseconds, baseline: Self.hundred) == expected)
    }

    @Test("a ratio to the control has a line, but not where a share is allowed on top of the control's")
    func linesBesideAControl() throws {
        let ratio = try makeCriterion("c", demand: "<= 1.2 x control", fail: "> 1.1 x control")
        let expected = [
            Limit(kind: .fail, value: 1.2, isCeiling: true), Limit(kind: .fail, value: 1.1, isCeiling: true),
        ]
        #expect(ratio.limits(in: .times, baseline: nil) == expected)
        let share = try makeCriterion("c", demand: "<= 1.2 x control + 1 %", fail: "> 1.1 x control + 1 %")
        #expect(share.limits(in: .times, baseline: nil).isEmpty)
    }

    @Test("a line that rests on a baseline is not there before it is frozen")
    func withoutBaseline() throws {
        let criterion = try makeCriterion("c", fail: "> 1.2 x baseline", warn: "> 50 ms")
        #expect(
            criterion.limits(in: .milliseconds, baseline: nil) == [.init(kind: .warn, value: 50, isCeiling: true)]
        )
        #expect(criterion.limits(in: .milliseconds, baseline: Quantity(word: "a")).count == 1)
    }

    @Test(
        "what happens exactly at the bound is what judging it comes to",
        arguments: [
            ("<= 100 ms", nil, nil, "exactly 100 ms passes"),
            ("< 100 ms", nil, nil, "exactly 100 ms fails"),
            (nil, "> 100 ms", nil, "exactly 100 ms passes"),
            (nil, ">= 100 ms", nil, "exactly 100 ms fails"),
            (nil, "> 100 ms", "> 50 ms", "exactly 100 ms warns; exactly 50 ms passes"),
            (nil, "> 100 ms", ">= 50 ms", "exactly 100 ms warns; exactly 50 ms warns"),
            ("= 0 rows", nil, nil, "only exactly 0 rows passes"),
            ("!= 0 rows", nil, nil, "exactly 0 rows fails"),
            ("verified", nil, nil, "only 'verified' passes"),
            (nil, "refused", nil, "'refused' fails"),
            ("between 30 % and 50 %", nil, nil, "exactly 30 % passes; exactly 50 % passes"),
            (nil, "between 30 % and 50 %", nil, "exactly 30 % fails; exactly 50 % fails"),
            ("<= 1.2 x baseline", nil, nil, "exactly 1.2 x baseline (120 ms) passes"),
            ("= baseline", nil, nil, "only exactly the baseline (100 ms) passes"),
            ("within 5 % of baseline", nil, nil, "exactly 95 ms passes; exactly 105 ms passes"),
        ] as [(String?, String?, String?, String)]
    )
    func boundary(demand: String?, fail: String?, warn: String?, expected: String) throws {
        let criterion = try makeCriterion("c", demand: demand, fail: fail, warn: warn)
        #expect(criterion.boundaryRule(baseline: Self.hundred) == expected)
    }

    @Test("without its baseline a bound speaks for itself alone")
    func boundaryWithoutBaseline() throws {
        let criterion = try makeCriterion("c", fail: "> 1.2 x baseline", warn: "> 50 ms")
        #expect(
            criterion.boundaryRule(baseline: nil) == "exactly 1.2 x baseline does not fail",
            "whether 50 ms fails is not known"
        )
        #expect(
            try makeCriterion("c", demand: "< baseline").boundaryRule(baseline: nil) == "exactly the baseline fails"
        )
    }

    @Test(
        "headroom is the part of the way to failing that is left",
        arguments: [
            ("<= 100 ms", 0, 1), ("<= 100 ms", 25, 0.75), ("<= 100 ms", 100, 0), ("<= 100 ms", 170, 0),
            ("<= 100 ms", -50, 1), (">= 10 ms", 40, 0.75), (">= 10 ms", 10, 0), (">= 10 ms", 5, 0),
            ("between 30 ms and 50 ms", 40, 0.2), ("between 30 ms and 50 ms", 31, 1.0 / 31),
            ("<= 0 ms", 0, nil), ("<= 0 ms", 3, 0), ("= 0 ms", 0, nil), ("!= 4 ms", 5, nil), ("verified", 5, nil),
            ("<= 1.5 x baseline", 75, 0.5),
        ] as [(String, Double, Double?)]
    )
    func headroom(demand: String, value: Double, expected: Double?) throws {
        let measured = Measurement(try #require(Quantity(real: value, .milliseconds)))
        let headroom = try makeCriterion("c", demand: demand).headroom(
            of: measured,
            baseline: Measurement(Self.hundred)
        )
        #expect(headroom == expected)
    }

    @Test("of several parts the worst one's headroom counts, each against its own baseline")
    func parts() throws {
        let measured = Measurement(parts: [.init("a", Quantity(50, .rows)), .init("b", Quantity(8, .rows))])
        let frozen = Measurement(parts: [.init("a", Quantity(100, .rows)), .init("b", Quantity(10, .rows))])
        let criterion = try makeCriterion("c", demand: "<= baseline")
        #expect(criterion.headroom(of: measured, baseline: frozen) == 0.2)
    }
}

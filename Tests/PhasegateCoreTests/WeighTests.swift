import PhasegateCore
import PhasegateTesting
import Testing

@Suite("What a gate answers")
struct WeighTests {
    private func trial(_ outcomes: [(Criterion.Role, Criterion.Strength, Int64)]) throws -> Trial {
        var trial = Trial(
            try outcomes.enumerated().map { index, item in
                try makeCriterion(
                    CriterionName(rawValue: "c\(index)"),
                    item.0,
                    strength: item.1,
                    fail: "> 100 ms",
                    warn: "> 50 ms"
                )
            }
        )
        for (index, item) in outcomes.enumerated() {
            trial.read(CriterionName(rawValue: "c\(index)"), Quantity(item.2, .milliseconds))
        }
        return trial
    }

    @Test("a pass, a warning and a failure, at their limits")
    func limits() throws {
        #expect(try trial([(.success, .must, 50)]).verdict.outcome == .go)
        #expect(try trial([(.success, .must, 51)]).verdict.outcome == .conditionalGo)
        #expect(try trial([(.success, .must, 100)]).verdict.outcome == .conditionalGo)
        #expect(try trial([(.success, .must, 101)]).verdict.outcome == .recycle)
    }

    @Test("a failed should puts a condition on the gate and does not close it")
    func should() throws {
        let verdict = try trial([(.success, .must, 1), (.success, .should, 101)]).verdict
        #expect(verdict.outcome == .conditionalGo)
        #expect(verdict.conditions.count == 1)
        #expect(verdict.conditions.first?.contains("'c1'") == true)
    }

    @Test("the worst answer wins: kill before recycle before hold")
    func worst() throws {
        var all = try trial([(.success, .must, 101), (.kill, .must, 101), (.guarding, .must, 1)])
        all.read("c2", .unavailable(.timedOut, "30 s"))
        #expect(all.verdict.outcome == .kill)
        all.read("c1", Quantity(1, .milliseconds))
        #expect(all.verdict.outcome == .recycle)
        all.read("c0", Quantity(1, .milliseconds))
        #expect(all.verdict.outcome == .hold)
        all.read("c2", Quantity(1, .milliseconds))
        #expect(all.verdict.outcome == .go)
    }

    @Test("a failed kill criterion kills even as a should")
    func killIsKill() throws {
        #expect(try trial([(.kill, .should, 101)]).verdict.outcome == .kill)
    }

    @Test("a kill criterion that cannot be measured holds and does not kill")
    func unknownKill() throws {
        #expect(try trial([(.kill, .must, 1)]).verdict("c0", .unavailable(.unreachable, "refused")).outcome == .hold)
    }

    @Test("a failure to be confirmed holds until it was seen often enough in a row")
    func confirm() throws {
        var trial = Trial(try makeCriterion("errors", .guarding, fail: "> 1 %", confirm: 3))
        trial.read("errors", Quantity(2, .percent))
        for (failedBefore, outcome) in [(0, GateOutcome.hold), (1, .hold), (2, .recycle), (3, .recycle)] {
            trial.streaks["errors"] = failedBefore
            #expect(trial.verdict.outcome == outcome, "after \(failedBefore) failures")
        }
        #expect(trial.verdict.harm != nil)
    }

    @Test("the worst part of a measurement decides, and is named")
    func parts() throws {
        var trial = Trial(try makeCriterion("kept", demand: "= baseline"))
        let before = ["trades", "orders"].map { Measurement.Part($0, Quantity(100, .rows)) }
        trial.baselines["kept"] = Measurement(parts: before)
        trial.read("kept", .measured(Measurement(parts: [before[0], .init("orders", Quantity(99, .rows))])))
        #expect(trial.verdict.outcome == .recycle)
        #expect(trial.verdict.findings[0].reason.hasPrefix("orders: 99 rows breaks 'must = baseline'"))
        #expect(trial.verdict.findings[0].baseline == "100 rows")
    }

    @Test("only a failed guard that is a must and not waived is harm")
    func harm() throws {
        #expect(try trial([(.guarding, .must, 101)]).verdict.harm != nil)
        #expect(try trial([(.success, .must, 101)]).verdict.harm == nil)
        #expect(try trial([(.guarding, .should, 101)]).verdict.harm == nil)
        var waived = try trial([(.guarding, .must, 101), (.success, .must, 101)])
        waived.waive("c0")
        #expect(waived.verdict.outcome == .recycle)
        #expect(waived.verdict.harm == nil)
    }

    @Test("the evidence digest follows how each criterion stands, not its digits")
    func evidence() throws {
        let first = try trial([(.success, .must, 1)]).verdict
        #expect(try trial([(.success, .must, 2)]).verdict.evidenceDigest == first.evidenceDigest)
        #expect(try trial([(.success, .must, 60)]).verdict.evidenceDigest != first.evidenceDigest)
    }
}

import PhasegateControl
import PhasegateCore
import PhasegateTesting
import Testing

@Suite("The report of a large rollout")
struct ReportBuilderScaleTests {
    /// A ledger of many rounds over many criteria.
    private func ledger(rounds: Int, criteria count: Int) throws -> (Rollout, RolloutState, [LedgerEntry]) {
        let criteria = try (0..<count).map {
            try makeCriterion(CriterionName(rawValue: "c\($0)"), .guarding, fail: "> 5 %", risks: ["R1"])
        }
        let rollout = makeRollout([makePhase("p", criteria: criteria)])
        let gate = rollout.phases[0].gates[1]
        let definition = GateDefinition(phase: "p", gate: gate, planDigest: "plan-1", baselines: [:])
        var events: [LedgerEvent] = [.entered(phase: "p", stage: "exit"), .gateDefined(definition)]
        for number in 0..<rounds {
            let moment = ManualClock.start + .seconds(10) * number
            let readings = criteria.map {
                Reading(
                    criterion: $0.name,
                    outcome: .measured(Measurement(Quantity(Int64(number % 5), .percent))),
                    observedAt: moment,
                    validUntil: moment + .seconds(60)
                )
            }
            let round = GateRound(readings: readings, at: moment)
            events.append(.weighed(round, definition.weigh(round) { _ in "" }))
            events.append(.decided(Decision(.wait, because: "round \(number)")))
        }
        var state = RolloutState()
        let entries = events.enumerated().map { index, event in
            let entry = LedgerEntry(
                sequence: index + 1,
                at: ManualClock.start + .seconds(5) * index,
                actor: "controller",
                event: event,
                hash: "h"
            )
            state.apply(entry)
            return entry
        }
        return (rollout, state, entries)
    }

    private func seconds(rounds: Int, criteria: Int) throws -> Double {
        let (rollout, state, entries) = try ledger(rounds: rounds, criteria: criteria)
        let builder = ReportBuilder(rollout: rollout, planFindings: [], version: "1")
        var least = Double.infinity
        for _ in 0..<2 {
            let begin = ContinuousClock.now
            let report = builder.report(on: state, entries: entries, at: ManualClock.start)
            least = min(least, (ContinuousClock.now - begin).inSeconds)
            #expect(report.phases[0].criteria.allSatisfy { $0.rounds == rounds && $0.history.count <= 240 })
            #expect(report.log.count == 2, "all the waiting is one line")
        }
        return least
    }

    @Test("the cost grows with the readings, not with their square")
    func linear() throws {
        // Four times the criteria, then eight times the rounds; a quadratic one would cost 16 and 64 times as much.
        let small = try seconds(rounds: 25, criteria: 250)
        let wide = try seconds(rounds: 25, criteria: 1000)
        let long = try seconds(rounds: 200, criteria: 250)
        #expect(wide < small * 10, "\(small) s, \(wide) s")
        #expect(long < small * 24, "\(small) s, \(long) s")
    }
}

import PhasegateControl
import PhasegateCore
import PhasegateTesting
import Testing

@Suite("Proving that gates close")
struct ClosingProofTests {
    private func proofs(_ rollout: Rollout) -> [ClosingProof] {
        proveClosing(rollout, output: Plans.output) { "digest(\($0))" }
    }

    private func problems(_ criterion: Criterion) -> [String] {
        proofs(makeRollout([makePhase("only", criteria: [criterion])]))
            .filter { !$0.isClosed && $0.gate == (criterion.role == .precondition ? "entry" : "exit") }
            .map { "\($0.criterion): \($0.problem ?? "")" }
    }

    @Test("every gate of a sound rollout is seen to close for every criterion and every kind of bad evidence")
    func sound() throws {
        let rollout = try Plans.twoPhases()
        let proofs = proofs(rollout)
        #expect(proofs.filter { !$0.isClosed } == [])
        for phase in rollout.phases {
            for gate in phase.gates {
                for criterion in gate.criteria {
                    let own = proofs.filter {
                        $0.phase == phase.name && $0.gate == gate.name && $0.criterion == criterion.name
                    }
                    // A failing value, no reading, every unavailability, stale, future and empty.
                    #expect(own.count == 5 + Reading.Unavailability.allCases.count, "\(phase.name) \(gate.name)")
                    #expect(own.allSatisfy { $0.outcome != .go && $0.outcome != nil })
                    #expect(own.first?.evidence.hasPrefix("a failing value") == true)
                }
            }
        }
    }

    @Test("bounds of every form can be seen to fail")
    func forms() throws {
        for demand in [
            "= baseline", "<= 1.2 x baseline", "within 1 % of baseline", "between 30 and 50", "!= 0", "< 5", "verified",
            ">= 10",
        ] {
            #expect(problems(try makeCriterion("c", demand: demand, minimumSamples: 5)).isEmpty, "\(demand)")
        }
        #expect(problems(try makeCriterion("c", strength: .should, fail: "> 5")).isEmpty)
        #expect(problems(try makeCriterion("c", warn: "> 5")).isEmpty == false, "a must that only warns closes nothing")
        #expect(problems(try makeCriterion("c", .guarding, fail: "> 5", confirm: 4)).isEmpty)
    }

    @Test("a criterion that cannot fail is reported")
    func cannotFail() throws {
        let problems = problems(try makeCriterion("kept", demand: ">= 0 rows", probe: "row-count"))
        #expect(problems == ["kept: no value that row-count can say breaks 'must >= 0 rows': it cannot close its gate"])
    }

    @Test("a criterion that cannot pass is reported")
    func cannotPass() throws {
        let below = problems(try makeCriterion("kept", demand: "< 0 rows", probe: "row-count"))
        #expect(below == ["kept: no value that row-count can say satisfies 'must < 0 rows'"])
        let word = problems(try makeCriterion("backup", .precondition, demand: "perfect", probe: "backup"))
        #expect(word.first?.contains("can say satisfies 'must perfect'") == true)
    }

    @Test("a gate without criteria is reported")
    func empty() throws {
        let only = makeRollout([makePhase("only", criteria: [try makeCriterion("c", demand: "= 1")])])
        let open = proofs(only).filter { !$0.isClosed }
        #expect(open.map(\.gate) == ["entry"])
        #expect(open.first?.problem?.contains("it can never open") == true)
        #expect(open.first?.outcome == .hold)
    }

    @Test("a probe nobody knows is reported and not passed over")
    func unknownProbe() throws {
        let problems = problems(try makeCriterion("c", demand: "= 1", probe: "tarot"))
        #expect(problems == ["c: there is no probe 'tarot'"])
    }
}

import FoundationEssentials
import PhasegateCore
import PhasegateTesting
import Testing

/// The laws over thousands of gates nobody thought of; the seed of a failure is in its message.
@Suite("Properties of every gate")
struct GatePropertyTests {
    private static let gates = 6000

    /// Runs a check over many gates and stops at the first that breaks it.
    private func forAllGates(_ check: (RandomGate, Verdict) throws -> String?) throws {
        for seed in 0..<Self.gates {
            var random = RandomNumbers(seed: seed)
            let gate = try RandomGate(&random)
            if let problem = try check(gate, gate.trial.verdict) {
                Issue.record("seed \(seed): \(problem)")
                return
            }
        }
    }

    @Test("a gate says go only when every criterion passes, and then it does")
    func go() throws {
        var opened = 0
        try forAllGates { gate, verdict in
            let allPass = !gate.drawn.isEmpty && gate.drawn.allSatisfy { $0.kind == .passes }
            if verdict.outcome == .go { opened += 1 }
            return (verdict.outcome == .go) == (allPass && gate.hasApprovals)
                ? nil : "\(verdict.outcome), \(gate.drawn)"
        }
        #expect(opened > Self.gates / 20, "the property means little when hardly any gate opens")
    }

    @Test("a gate never opens while a must fails or anything is unknown, unless it is waived")
    func neverOpen() throws {
        var closed = 0
        try forAllGates { gate, verdict in
            let mustStayClosed =
                gate.drawn.isEmpty || !gate.hasApprovals
                || gate.drawn.contains { item in
                    guard !item.isWaived else { return false }
                    switch item.kind {
                    case .passes, .warns: return false
                    case .unknown: return true
                    case .fails:
                        return item.criterion.strength == .must || (item.criterion.role == .kill && item.isConfirmed)
                    }
                }
            if mustStayClosed { closed += 1 }
            return mustStayClosed == !verdict.outcome.isOpen ? nil : "\(verdict.outcome), \(gate.drawn)"
        }
        #expect(closed > Self.gates / 20)
    }

    @Test("only a confirmed failure recycles or kills")
    func onlyHarm() throws {
        try forAllGates { gate, verdict in
            let confirmed = gate.drawn.filter { $0.kind == .fails && $0.isConfirmed }
            let kills = confirmed.contains { $0.criterion.role == .kill }
            let recycles = confirmed.contains { $0.criterion.strength == .must && !$0.isWaived }
            let expected: GateOutcome? = kills ? .kill : recycles ? .recycle : nil
            let said: GateOutcome? = verdict.outcome >= .recycle ? verdict.outcome : nil
            return said == expected ? nil : "\(verdict.outcome), \(gate.drawn)"
        }
    }

    @Test("a verdict is the same for ever, also from a definition and a round that went through JSON")
    func replay() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let decoder = JSONDecoder()
        for seed in 0..<400 {
            var random = RandomNumbers(seed: seed)
            let trial = try RandomGate(&random).trial
            let first = try encoder.encode(trial.verdict)
            let definition = try decoder.decode(GateDefinition.self, from: encoder.encode(trial.definition))
            let round = try decoder.decode(GateRound.self, from: encoder.encode(trial.round))
            let second = definition.weigh(round, digest: testDigest)
            try #require(try encoder.encode(second) == first, "seed \(seed)")
            try #require(try decoder.decode(Verdict.self, from: first) == trial.verdict, "seed \(seed)")
            try #require(definition == trial.definition && round == trial.round, "seed \(seed)")
        }
    }
}

import FoundationEssentials
import PhasegateCore
import PhasegateTesting
import Testing

@Suite("Whatever happens")
struct ModelTests {
    private static let steps = 150

    @Test("the laws hold after every step of random walks", arguments: [0, 1, 2, 3])
    func walks(part: Int) async throws {
        var reached: Set<RolloutStatus> = []
        for seed in stride(from: part, to: 160, by: 4) {
            var walk = try Walk(seed: seed)
            for _ in 0..<Self.steps {
                if let problem = try await walk.step() {
                    Issue.record("seed \(seed): \(problem)\n\(walk.trail.suffix(25).joined(separator: "\n"))")
                    return
                }
            }
            walk.bench.power.restore()
            let problem = try await walk.foldProblem { events in
                try JSONDecoder().decode([LedgerEvent].self, from: JSONEncoder().encode(events))
            }
            try #require(problem == nil, "seed \(seed)")
            reached.formUnion(walk.reached)
        }
        #expect(reached.isSuperset(of: [.running, .held, .rolledBack, .killed, .frozen, .stopped]), "\(reached)")
    }

    @Test("walks without people and bad evidence finish in spite of crashes and clocks")
    func finishes() async throws {
        for seed in 0..<20 {
            var random = RandomNumbers(seed: seed)
            let bench = Bench(try Plans.twoPhases())
            for _ in 0..<200 {
                if try await bench.state.isAtRest { break }
                let append = bench.ledger.appends + Int.random(in: 1...12, using: &random)
                let side: InMemoryLedger.Side = random.pick(.before, .after)
                bench.ledger.setFault { if $0 == append, $1 == side { throw PowerCut() } }
                _ = try? await bench.run()
                bench.power.restore()
                bench.clock.advance(by: .seconds(random.pick(1, 30, 500, -200)))
            }
            #expect(try await bench.state.status == .finished, "seed \(seed)")
            #expect(bench.world.sight.violations.isEmpty, "seed \(seed)")
        }
    }
}

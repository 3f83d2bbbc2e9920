import CAllocations
import PhasegateStatistics

/// What an observation and a look cost, in nanoseconds and in requests for memory.
enum Costs {
    struct Cost {
        let nanoseconds: Double
        let allocations: Double
    }

    /// The best of five rounds, so that a busy machine does not count; allocations are those of all rounds.
    static func measure(count: Int, _ body: () throws -> Void) rethrows -> Cost {
        try body()
        var best = Double.infinity
        let before = allocations()
        for _ in 0..<5 {
            let begin = ContinuousClock.now
            try body()
            let took = (ContinuousClock.now - begin).components
            best = min(best, Double(took.seconds) * 1e9 + Double(took.attoseconds) / 1e9)
        }
        return Cost(nanoseconds: best / Double(count), allocations: Double(allocations() - before))
    }

    /// Recording latencies in a look, as they come.
    static func observation() -> Cost {
        var traffic = Traffic(Scenario(name: "", share: 0.5), seed: 1)
        let latencies = (0..<50_000).map { _ in traffic.draw() }
        var look = LatencyLook()
        let cost = measure(count: 20 * latencies.count) {
            for _ in 0..<20 {
                for latency in latencies { look.candidate.record(microseconds: latency) }
            }
        }
        precondition(look.candidate.count == 120 * latencies.count)
        return cost
    }

    /// Judging a look with both sides, and following the control.
    static func look() throws -> Cost {
        var traffic = Traffic(Scenario(name: "", share: 0.25), seed: 2)
        var looks = [LatencyLook](repeating: LatencyLook(), count: 100)
        for index in looks.indices { traffic.draw(into: &looks[index]) }
        var gate = try Simulation.gate(failMargin: 0.1)
        return try measure(count: 20 * looks.count) {
            for _ in 0..<20 {
                for look in looks { try gate.observe(look) }
            }
        }
    }

    /// A look at counts: a rate against its limit, then against the control.
    static func counts() throws -> Cost {
        let schedule = try RestartSchedule(every: 10, count: 200)
        var rate = try RateEvidence(limit: 0.01, direction: .above, restarts: schedule)
        var share = try EventShareEvidence(ratio: 1.5, direction: .above, restarts: schedule)
        let look = try LookCounts(
            candidate: ArmCounts(events: 1, trials: 100),
            control: ArmCounts(events: 3, trials: 300)
        )
        return try measure(count: 20_000) {
            for _ in 0..<10_000 {
                try rate.observe(look.candidate)
                try share.observe(look)
            }
        }
    }

    /// A user with an event, the dearest kind of observation.
    static func user() throws -> Cost {
        var evidence = try UserShareEvidence(ratio: 1, candidateShare: 0.25, direction: .above)
        return try measure(count: 100_000) {
            for number in 0..<100_000 {
                try evidence.observe(control: 0.01 * Double(number % 100))
                if number % 100 == 0 { evidence.closeLook() }
            }
        }
    }
}

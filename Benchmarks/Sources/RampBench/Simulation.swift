import PhasegateStatistics

/// Runs scenarios and counts what was decided.
enum Simulation {
    /// For how many looks the control is watched before the candidate gets requests: ten seconds.
    static let looksBefore = 50

    /// As many restarts as the longest step has room for.
    static func gate(failMargin: Double) throws -> LatencyGate {
        try LatencyGate(
            LatencyGateSettings(failMargin: failMargin, restarts: RestartSchedule(every: 10, count: 200))
        )
    }

    /// Shares of the runs in which each rule would have rolled back at any look, and in which ours would have promoted.
    struct Alarms {
        var tight = 0.0, wide = 0.0, naive = 0.0, kayenta = 0.0, passed = 0.0
    }

    /// How often steps are rolled back by gates with margins of 10 % and 20 %, and passed with one of 20 %.
    static func alarms(
        _ scenario: Scenario,
        runs: Int,
        failLevel: Double,
        passLevel: Double,
        seed: UInt64
    ) throws -> Alarms {
        var alarms = Alarms()
        var seeds = SeededGenerator(seed: seed)
        var look = LatencyLook()
        for _ in 0..<runs {
            var traffic = Traffic(scenario, seed: seeds.next())
            var tight = try gate(failMargin: 0.1)
            var wide = try gate(failMargin: 0.2)
            var naive = NaiveWindow()
            var kayenta = KayentaRule()
            for _ in 0..<scenario.looks {
                traffic.draw(into: &look)
                try tight.observe(look)
                try wide.observe(look)
                naive.observe(look)
                kayenta.observe(look)
            }
            let share = 1 / Double(runs)
            if tight.failing.peakLogEvidence >= threshold(at: failLevel) { alarms.tight += share }
            if wide.failing.peakLogEvidence >= threshold(at: failLevel) { alarms.wide += share }
            // Whether it could have been promoted at any look, which is more than at the end of the soak.
            if tight.passing.peakLogEvidence >= threshold(at: passLevel) { alarms.passed += share }
            if naive.hasFired { alarms.naive += share }
            if kayenta.hasFired { alarms.kayenta += share }
        }
        return alarms
    }

    /// The share of whole ramps, 5, 25 and 50 % for a third of the looks each, that are rolled back.
    static func rolledBackRamps(ratio: Double, runs: Int, budget: ErrorBudget, seed: UInt64) throws -> Double {
        var seeds = SeededGenerator(seed: seed)
        var look = LatencyLook()
        var rolledBack = 0
        for _ in 0..<runs {
            var decision = StepDecision.undecided
            for (step, share) in [0.05, 0.25, 0.5].enumerated() where decision != .fail {
                let scenario = Scenario(name: "", share: share, ratio: ratio, looks: 170)
                var traffic = Traffic(scenario, seed: seeds.next())
                var gate = try gate(failMargin: 0.1)
                for _ in 0..<scenario.looks where decision != .fail {
                    traffic.draw(into: &look)
                    try gate.observe(look)
                    decision = decide(
                        [
                            gate.standing(
                                failLevel: budget.failLevel(criterion: 0, step: step),
                                passLevel: budget.passLevel
                            )
                        ],
                        sampleRatio: nil,
                        sampleRatioLevel: budget.falseInvalid,
                        isSoaked: false,
                        isDue: false
                    )
                }
            }
            if decision == .fail { rolledBack += 1 }
        }
        return Double(rolledBack) / Double(runs)
    }

    /// Median of the candidate's requests that were judged until a gate fired, or passed; infinite when most did not.
    static func samplesNeeded(
        _ scenario: Scenario,
        runs: Int,
        failMargin: Double,
        level: Double,
        passes: Bool = false,
        seed: UInt64
    ) throws -> Double {
        var seeds = SeededGenerator(seed: seed)
        var look = LatencyLook()
        var samples: [Double] = []
        for _ in 0..<runs {
            var traffic = Traffic(scenario, seed: seeds.next())
            var gate = try gate(failMargin: failMargin)
            var needed = Double.infinity
            for _ in 0..<looksBefore {
                traffic.drawControlAlone(into: &look)
                try gate.observe(look)
            }
            for _ in 0..<scenario.looks {
                traffic.draw(into: &look)
                try gate.observe(look)
                let evidence = passes ? gate.passing : gate.failing
                if evidence.logEvidence >= threshold(at: level) {
                    needed = Double(evidence.course.samples)
                    break
                }
            }
            samples.append(needed)
        }
        samples.sort()
        return (samples[(samples.count - 1) / 2] + samples[samples.count / 2]) / 2
    }
}

import Foundation
import PhasegateCore
import PhasegateStatistics

/// What the statistics of a ramp promise, simulated beside two rules in use; exit status 1 when a bound is missed.
///
/// Arguments: the file for the results, how many ramps of each kind (1000), and
/// some of costs, harmless, harmful, speed. With fewer ramps shares are too
/// coarse for their bounds.
@main
enum RampBench {
    static func main() async throws {
        let arguments = CommandLine.arguments
        let results = arguments.count > 1 ? arguments[1] : "ramp.json"
        let runs = arguments.count > 2 ? Int(arguments[2]) ?? 1000 : 1000
        var figures = Figures()
        print("| figure | ours | naive window | Kayenta | at most | |\n|---|---|---|---|---|---|")
        let named = arguments.dropFirst(3)
        func wants(_ part: String) -> Bool { named.isEmpty || named.contains(part) }
        if wants("costs") { try enterCosts(&figures) }
        if wants("costs") { await enterObserving(&figures) }
        if wants("harmless") { try enterHarmless(&figures, runs: runs) }
        if wants("harmful") { try enterWrongPasses(&figures, runs: runs) }
        if wants("speed") { try enterSpeed(&figures, runs: runs) }
        exit(try figures.close(writing: results) ? 0 : 1)
    }

    private static func enterCosts(_ figures: inout Figures) throws {
        let costs: [(String, Costs.Cost, Double)] = [
            ("a latency recorded", Costs.observation(), 1000),
            ("a user entered", try Costs.user(), 1000),
            ("a look at counts", try Costs.counts(), 100_000),
            ("a look at latencies judged", try Costs.look(), 100_000),
        ]
        for (name, cost, bound) in costs {
            figures.enter("\(name): ns", cost.nanoseconds, atMost: bound)
            figures.enter("\(name): allocations", cost.allocations, atMost: 0)
        }
    }

    /// The whole way of a request, against a million a second.
    private static func enterObserving(_ figures: inout Figures) async {
        figures.enter("a request observed, by user: ns", await Observing.cost(unit: .user), atMost: 1000)
        figures.enter("a request observed, by request: ns", await Observing.cost(unit: .request), atMost: 1000)
    }

    /// Harmless changes, looked at 500 times in 100 s: how many are rolled back at a level of 1 %.
    private static func enterHarmless(_ figures: inout Figures, runs: Int) throws {
        let level = 0.01
        let scenarios = [
            Scenario(name: "equal arms, 5 %", share: 0.05),
            Scenario(name: "equal arms, 25 %", share: 0.25),
            Scenario(name: "equal arms, 50 %", share: 0.5),
            Scenario(name: "equal arms, Pareto(1.1), 5 %", share: 0.05, shape: .pareto),
            Scenario(name: "storms in both arms, 25 %", share: 0.25, hasStorms: true),
            Scenario(name: "ratio 1.1, storms in both arms, 25 %", share: 0.25, ratio: 1.1, hasStorms: true),
            Scenario(name: "ratio 1.1, 25 %", share: 0.25, ratio: 1.1),
        ]
        for (number, scenario) in scenarios.enumerated() {
            let alarms = try Simulation.alarms(
                scenario,
                runs: runs,
                failLevel: level,
                passLevel: 0.05,
                seed: UInt64(100 + number)
            )
            figures.enter(
                "rolled back: \(scenario.name), margin 1.1",
                alarms.tight,
                naive: alarms.naive,
                kayenta: alarms.kayenta,
                atMost: level
            )
            figures.enter("rolled back: \(scenario.name), margin 1.2", alarms.wide, atMost: level)
            if scenario.ratio == 1, !scenario.hasStorms { figures.enter("passed: \(scenario.name)", alarms.passed) }
        }
        let budget = try ErrorBudget(criterionWeights: [1], stepWeights: [1, 1, 1])
        for ratio in [1, 1.1] {
            figures.enter(
                "rolled back: ramps of 5, 25, 50 %, ratio \(ratio), margin 1.1",
                try Simulation.rolledBackRamps(ratio: ratio, runs: runs, budget: budget, seed: 200),
                atMost: budget.falseRollback
            )
        }
    }

    /// Candidates that are too slow: how many could have been promoted at any look at a level of 5 %.
    private static func enterWrongPasses(_ figures: inout Figures, runs: Int) throws {
        for (number, ratio) in [1.2, 1.3].enumerated() {
            let alarms = try Simulation.alarms(
                Scenario(name: "", share: 0.25, ratio: ratio),
                runs: runs,
                failLevel: 0.01,
                passLevel: 0.05,
                seed: UInt64(300 + number)
            )
            figures.enter("passed: ratio \(ratio), 25 %, margin 1.2", alarms.passed, atMost: 0.05)
            figures.enter(
                "rolled back: ratio \(ratio), 25 %, margin 1.1",
                alarms.tight,
                naive: alarms.naive,
                kayenta: alarms.kayenta
            )
        }
    }

    /// Medians of the candidate's requests until a decision, against those of the specification's tables B and C.
    private static func enterSpeed(_ figures: inout Figures, runs: Int) throws {
        let shares = [0.05, 0.25, 0.5]
        let table: [(ratio: Double, margin: Double, samples: [Double])] = [
            (1.3, 0.2, [3405, 4325, 6550]), (1.5, 0.2, [320, 500, 900]), (2, 0.2, [60, 100, 200]),
            (1.3, 0.1, [690, 1000, 1300]), (1.5, 0.1, [200, 250, 400]), (2, 0.1, [40, 100, 100]),
        ]
        for row in table {
            for (share, samples) in zip(shares, row.samples) {
                let needed = try Simulation.samplesNeeded(
                    Scenario(name: "", share: share, ratio: row.ratio, looks: 2000),
                    runs: runs,
                    failMargin: row.margin,
                    level: 0.01,
                    seed: 400
                )
                figures.enter(
                    "requests until x\(row.ratio) is found, \(Int(share * 100)) %, margin \(1 + row.margin)",
                    needed,
                    atMost: allowance(samples, share)
                )
            }
        }
        for (share, samples) in zip(shares, [525.0, 775, 1100]) {
            let needed = try Simulation.samplesNeeded(
                Scenario(name: "", share: share, looks: 2000),
                runs: runs,
                failMargin: 0.1,
                level: 0.05,
                passes: true,
                seed: 500
            )
            figures.enter(
                "requests until equal arms pass, \(Int(share * 100)) %",
                needed,
                atMost: allowance(samples, share)
            )
        }
    }

    /// The table's median and a look, because it is decided at looks only.
    private static func allowance(_ samples: Double, _ share: Double) -> Double {
        (samples + share * Double(Scenario.requestsPerLook)).rounded()
    }
}

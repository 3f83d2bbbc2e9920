import PhasegateCore
import PhasegateLedger

/// What a tick costs as criteria grow: weigh, decide and append, the readings made up in memory.
struct TickBenchmarks {
    let place: Place

    func callAsFunction(_ board: Scoreboard) async throws {
        let directory = try emptyDirectory("\(place.work)/tick")
        let counts = [10, 100, 1000, 10_000]
        var gates: [RunningGate] = []
        for count in counts { gates.append(try await RunningGate(count, in: directory)) }
        let times = try await medians(rounds: 9, gates.map { gate in { try await gate.fourTicks() } })
        let perCriterion = zip(times, counts).map { $0 / 4 * 1_000_000 / Double($1) }
        for (microseconds, count) in zip(perCriterion, counts) {
            say(
                "a tick with \(count) criteria: \(microseconds * Double(count) / 1000) ms, \(microseconds) us a criterion"
            )
        }
        for index in 1..<counts.count {
            board.enter(
                "a criterion of \(counts[index]) / of \(counts[index - 1])",
                ours: perCriterion[index],
                theirs: perCriterion[index - 1],
                unit: "us"
            )
        }
    }
}

/// A gate with its ledger, tick after tick.
private final class RunningGate {
    private let rounds: Rounds
    private let ledger: SQLiteLedger
    private var state: RolloutState
    private var moment = Rounds.start

    init(_ count: Int, in directory: String) async throws {
        rounds = Rounds(criteria: count)
        ledger = try SQLiteLedger(path: "\(directory)/\(count).sqlite")
        state = try await rounds.open(ledger)
    }

    /// Four ticks write eight entries and with them one snapshot, so that every size pays for one.
    func fourTicks() async throws {
        for _ in 0..<4 {
            moment = moment + .seconds(10)
            state = try await rounds.tick(ledger, state, at: moment)
        }
    }
}

import PhasegateCore
import PhasegateLedger

/// What a tick costs as criteria grow: weigh, decide and append, the readings made up in memory.
struct TickBenchmarks {
    let place: Place

    func callAsFunction(_ board: Scoreboard) async throws {
        var perCriterion: [Int: Double] = [:]
        for count in [10, 100, 1000, 10_000] {
            let directory = try emptyDirectory("\(place.work)/tick")
            let rounds = Rounds(criteria: count)
            let ledger = try SQLiteLedger(path: directory + "/ledger.sqlite")
            var state = try await rounds.open(ledger)
            var times: [Double] = []
            // Two entries a tick and a snapshot every 64: a whole number of snapshots, so that they are paid for.
            for index in 1...(count > 1000 ? 32 : 128) {
                let moment = Rounds.start + .seconds(Double(10 * index))
                times.append(try await seconds { state = try await rounds.tick(ledger, state, at: moment) })
            }
            let milliseconds = times.reduce(0, +) / Double(times.count) * 1000
            perCriterion[count] = milliseconds / Double(count)
            say("a tick with \(count) criteria: \(milliseconds) ms, \(milliseconds / Double(count)) ms a criterion")
        }
        for (fewer, more) in [(10, 100), (100, 1000), (1000, 10_000)] {
            guard let small = perCriterion[fewer], let large = perCriterion[more] else { continue }
            board.enter("a criterion of \(more) / of \(fewer)", ours: large, theirs: small, unit: "ms")
        }
    }
}

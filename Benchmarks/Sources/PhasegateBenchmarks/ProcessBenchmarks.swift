import Foundation
import PhasegateCore
import PhasegateLedger

/// `status` as a whole process against what people would run instead.
struct ProcessBenchmarks {
    let place: Place

    func callAsFunction(_ board: Scoreboard) async throws {
        let directory = try emptyDirectory(place.work + "/status")
        let ledger = directory + "/ledger.sqlite"
        // 63 entries behind the last snapshot: the most that a reader ever has to fold.
        let entries = 64 + 63
        try await Rounds(criteria: 20).fill(SQLiteLedger(path: ledger), upTo: entries, batch: 1)
        let status = [place.phasegate, "status", Rounds.rollout.rawValue, "--ledger", ledger]
        let times = try await medians(
            rounds: 41,
            [
                { try run(status, in: directory) },
                { try run(["sqlite3", ledger, "select 1"], in: directory) },
            ]
        )
        board.enter("status / sqlite3 'select 1'", ours: times[0] * 1000, theirs: times[1] * 1000, unit: "ms")
        for (name, peer, home) in [
            ("status / alembic current", place.alembic.map { [$0, "current"] }, place.work + "/alembic"),
            ("status / sqitch status", place.sqitch.map { [$0, "status"] }, place.work + "/sqitch"),
        ] {
            guard let peer else { continue }
            let times = try await medians(
                rounds: 11,
                [{ try run(status, in: directory) }, { try run(peer, in: home) }]
            )
            board.enter(name, ours: times[0] * 1000, theirs: times[1] * 1000, unit: "ms")
        }
    }
}

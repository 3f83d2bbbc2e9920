import Foundation
import Glibc
import PhasegateCore
import PhasegateLedger

/// Appending against the disk, verifying a long chain, and `status` however long the ledger.
struct LedgerBenchmarks {
    let place: Place

    func callAsFunction(_ board: Scoreboard) async throws {
        try await appending(board)
        try await growing(board)
    }

    /// One event an append against 4 KiB written over and synced, which is the least that durable can mean.
    private func appending(_ board: Scoreboard) async throws {
        let directory = try emptyDirectory(place.work + "/append")
        let ledger = try SQLiteLedger(path: directory + "/ledger.sqlite")
        let file = open(directory + "/raw", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw ProgramFailed(description: "cannot open a file in \(directory)") }
        defer { close(file) }
        let page = [UInt8](repeating: 7, count: 4096)
        let count = 200
        // Written over in place, as a write-ahead log is: a file that grows would cost the file system more.
        for _ in 0..<count where write(file, page, page.count) != page.count {
            throw ProgramFailed(description: "cannot write in \(directory)")
        }
        let times = try await medians(
            rounds: 9,
            [
                {
                    for _ in 0..<count {
                        try await ledger.append(
                            [.noticed(channel: "file", title: "A title", body: "A body of some length")],
                            to: Rounds.rollout,
                            by: "bench",
                            at: Rounds.start
                        )
                    }
                },
                {
                    for index in 0..<count {
                        let written = pwrite(file, page, page.count, off_t(index * page.count))
                        guard written == page.count, fsync(file) == 0 else {
                            throw ProgramFailed(description: "cannot write and sync")
                        }
                    }
                },
            ]
        )
        say("appends a second: \(Double(count) / times[0]), 4 KiB write and fsync: \(Double(count) / times[1])")
        let each = times.map { $0 / Double(count) * 1000 }
        board.enter("append / 4 KiB write and fsync", ours: each[0], theirs: each[1], unit: "ms")
    }

    private func growing(_ board: Scoreboard) async throws {
        let directory = try emptyDirectory(place.work + "/ledgers")
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let lengths = [100, 10_000, place.ledgerEntries]
        let rounds = Rounds(criteria: 2)
        for length in lengths {
            let filling = try await seconds {
                // In batches of an odd length, so that every ledger ends behind a snapshot.
                try await rounds.fill(
                    SQLiteLedger(path: path(length, in: directory)),
                    upTo: length,
                    batch: length / 20 + 1
                )
            }
            say("a ledger of \(length) entries filled in \(filling) s")
        }
        let times = try await medians(
            rounds: 31,
            lengths.map { length in
                {
                    try run([
                        place.phasegate, "status", Rounds.rollout.rawValue, "--ledger", path(length, in: directory),
                    ])
                }
            }
        )
        for index in 1..<lengths.count {
            board.enter(
                "status of \(lengths[index]) entries / of \(lengths[0])",
                ours: times[index] * 1000,
                theirs: times[0] * 1000,
                unit: "ms"
            )
        }
        try await verifying(path(place.ledgerEntries, in: directory), board)
    }

    private func verifying(_ path: String, _ board: Scoreboard) async throws {
        let ledger = try SQLiteLedger(path: path, creating: false)
        let times = try await medians(
            rounds: 3,
            [
                {
                    let found = try await ledger.verify(Rounds.rollout)
                    guard found.entries == place.ledgerEntries else {
                        throw ProgramFailed(description: "verify saw \(found.entries) entries")
                    }
                },
                {
                    try shell(
                        path,
                        running: "SELECT sum(length(event) + length(at) + length(actor) + length(hash)) FROM entries;"
                    )
                },
            ]
        )
        say("verify follows \(Double(place.ledgerEntries) / times[0]) entries a second")
        board.enter(
            "verify \(place.ledgerEntries) entries / shell reads them",
            ours: times[0],
            theirs: times[1],
            unit: "s"
        )
    }

    private func path(_ length: Int, in directory: String) -> String { "\(directory)/\(length).sqlite" }
}

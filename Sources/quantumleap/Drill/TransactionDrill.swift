import ArgumentParser
import Dispatch
import FoundationEssentials
import GRDB
import Glibc
import PhasegateStatistics
import Synchronization

/// Lets transactions of the application fail half-way, alone and among others, while somebody reads.
struct TransactionDrill: Drill {
    static let configuration = CommandConfiguration(
        commandName: "transactions",
        abstract: "Abort transactions at each of their statements, alone and under concurrency, while somebody reads."
    )

    @Option(help: "How long to transfer and read at once.")
    var seconds = 1.0

    @Option(help: "Connections that transfer.")
    var writers = 4

    @Flag(help: ArgumentHelp("Leave the transactions out, to see the drill fail.", visibility: .hidden))
    var withoutTransactions = false

    func validate() throws {
        guard (0.01...600).contains(seconds) else { throw ValidationError("'--seconds' takes 0.01 to 600") }
        guard (2...16).contains(writers) else { throw ValidationError("'--writers' takes 2 to 16") }
    }

    private struct Tally {
        var transfers = 0
        var aborted = 0
        var reads = 0
        var brokenReads = 0
        var problems: [String] = []
    }

    func observe() throws -> Observation {
        try ScratchDirectory.use { scratch in
            let path = try scratch.makeDatabase("bank.db", Bank.schema)
            let changed = try stateChangesByAborts(path)
            let tally = try transferAndRead(path)
            let bank = try TradingDatabase.open(path: path, label: "afterwards")
            let (drift, noted) = try bank.read { db in
                (try Bank.drift(in: db), try Int.fetchOne(db, sql: "SELECT count(*) FROM transfers") ?? 0)
            }
            try bank.close()
            // What was committed is there, and nothing that was aborted is.
            let lost = abs(noted - tally.transfers)
            let figures = [
                ("transfers", tally.transfers), ("aborted", tally.aborted), ("drift", drift), ("lost", lost),
                ("reads", tally.reads), ("broken_reads", tally.brokenReads), ("changed", changed),
            ].map { (label: $0.0, value: "\($0.1)") }
            guard tally.problems.isEmpty, tally.transfers > 0, tally.aborted > 0, tally.reads > 0 else {
                let reason = tally.problems.first ?? "too little happened in that time"
                return Observation(status: .unknown, sentence: reason)
            }
            let isSound = drift + lost + tally.brokenReads + changed == 0
            return Observation(
                status: isSound ? .ok : .critical,
                sentence: isSound ? "all or nothing, and every reader saw one state" : "transactions do not hold",
                figures: figures
            )
        }
    }

    /// Aborts one transaction at each statement with nobody else about, and compares everything before and after.
    private func stateChangesByAborts(_ path: String) throws -> Int {
        let bank = try TradingDatabase.open(path: path, label: "alone")
        defer { try? bank.close() }
        var generator = SeededGenerator(seed: 1)
        var changed = 0
        for statement in 1...Bank.statements {
            let before = try bank.read(Bank.state)
            let transfer = Bank.Transfer(id: -statement, &generator)
            guard try attempt(transfer, failing: statement, on: bank) == .aborted else {
                throw ApplicationError("a transfer that violates a constraint was not refused")
            }
            if try bank.read(Bank.state) != before { changed += 1 }
        }
        // Without transactions the remains would be counted a second time.
        if changed > 0 {
            try bank.writeWithoutTransaction { db in
                try db.execute(sql: "DELETE FROM transfers; UPDATE accounts SET cents = \(Bank.opening)")
            }
        }
        return changed
    }

    private func transferAndRead(_ path: String) throws -> Tally {
        let end = ContinuousClock.now + .seconds(seconds)
        let group = DispatchGroup()
        let connections = try (0...writers).map { try TradingDatabase.open(path: path, label: "bank.\($0)") }
        var seeds = SeededGenerator(seed: 42)
        let shared = Shared()
        for (number, connection) in connections.dropFirst().enumerated() {
            let generator = seeds.split()
            DispatchQueue(label: "writer.\(number)").async(group: group) {
                var generator = generator
                var round = 0
                while ContinuousClock.now < end {
                    round += 1
                    let transfer = Bank.Transfer(id: (number + 1) * 1_000_000 + round, &generator)
                    let failing = round % 3 == 0 ? 1 + generator.below(Bank.statements) : nil
                    shared.note { try attempt(transfer, failing: failing, on: connection) }
                }
            }
        }
        DispatchQueue(label: "reader").async(group: group) {
            while ContinuousClock.now < end { shared.note { try read(on: connections[0]) } }
        }
        group.wait()
        try connections.forEach { try $0.close() }
        return shared.tally
    }

    private enum Event: Equatable {
        case transferred
        case aborted
        case read(total: Int)
    }

    private func attempt(_ transfer: Bank.Transfer, failing: Int?, on connection: DatabaseQueue) throws -> Event {
        do {
            try connection.writeWithoutTransaction { db in
                var wait = Duration.zero
                guard !withoutTransactions else { return try Bank.move(transfer, failing: failing, in: db) }
                try atomically(db, lockWait: &wait) { try Bank.move(transfer, failing: failing, in: db) }
            }
            return .transferred
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
            return .aborted
        }
    }

    private func read(on connection: DatabaseQueue) throws -> Event {
        try connection.writeWithoutTransaction { db in
            if !withoutTransactions { try db.beginTransaction(.deferred) }
            defer { if db.isInsideTransaction { try? db.commit() } }
            return .read(total: try Bank.total(in: db) { usleep(500) })
        }
    }

    /// What the threads add to.
    private final class Shared: Sendable {
        private let state = Mutex(Tally())

        var tally: Tally { state.withLock { $0 } }

        func note(_ body: () throws -> Event) {
            let event = Result(catching: body)
            state.withLock { tally in
                switch event {
                case .success(.transferred): tally.transfers += 1
                case .success(.aborted): tally.aborted += 1
                case .success(.read(let total)):
                    tally.reads += 1
                    if total != Bank.total { tally.brokenReads += 1 }
                case .failure(let error): tally.problems.append("\(error)")
                }
            }
        }
    }
}

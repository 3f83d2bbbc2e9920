import ArgumentParser
import Foundation
import GRDB
import Glibc
import PhasegateStatistics

/// Kills a process that transfers money, in the middle of a transaction and at any moment, and counts the money.
struct KillDrill: Drill {
    static let configuration = CommandConfiguration(
        commandName: "kill",
        abstract: "Kill a writing process with signal 9, again and again, and compare what is left with what it had."
    )

    @Option(help: "How often; every second time in the middle of a transaction.")
    var times = 6

    @Flag(help: ArgumentHelp("Leave the transactions out, to see the drill fail.", visibility: .hidden))
    var withoutTransactions = false

    func validate() throws {
        guard (2...1000).contains(times) else { throw ValidationError("'--times' takes 2 to 1000") }
    }

    func observe() throws -> Observation {
        try ScratchDirectory.use { scratch in
            let path = try scratch.makeDatabase("bank.db", Bank.schema)
            var generator = SeededGenerator(seed: 9)
            var said: Set<Int> = []
            var inTransaction = 0
            var drift = 0
            var damaged = 0
            var lost = 0
            for round in 1...times {
                let words = try killOnce(path, round, stalling: round % 2 == 0, &generator)
                if words.last?.first == "open" { inTransaction += 1 }
                said.formUnion(words.filter { $0.first == "done" }.compactMap { $0.last.flatMap { Int($0) } })
                let bank = try TradingDatabase.open(path: path, label: "afterwards")
                try bank.read { db in
                    drift = max(drift, try Bank.drift(in: db))
                    if try String.fetchOne(db, sql: "PRAGMA integrity_check") != "ok" { damaged += 1 }
                    lost = said.subtracting(try Int.fetchSet(db, sql: "SELECT id FROM transfers")).count
                }
                try bank.close()
            }
            guard inTransaction > 0, !said.isEmpty else {
                return Observation(status: .unknown, sentence: "no process was killed inside a transaction")
            }
            let isSound = drift + damaged + lost == 0
            return Observation(
                status: isSound ? .ok : .critical,
                sentence: isSound ? "what was committed is there, what was not is not" : "money is lost or made",
                figures: [
                    ("killed", "\(times)"), ("in_transaction", "\(inTransaction)"), ("committed", "\(said.count)"),
                    ("lost", "\(lost)"), ("drift", "\(drift)"), ("damaged", "\(damaged)"),
                ]
            )
        }
    }

    /// Starts a process, lets it commit, kills it.
    ///
    /// - Returns: what it had said by then, line by line in words.
    private func killOnce(
        _ path: String,
        _ round: Int,
        stalling: Bool,
        _ generator: inout SeededGenerator
    ) throws -> [[Substring]] {
        let victim = Process()
        victim.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        victim.arguments =
            ["drill", "victim", path, "--round", "\(round)"] + (stalling ? ["--stall-at", "5"] : [])
            + (withoutTransactions ? ["--without-transactions"] : [])
        let pipe = Pipe()
        victim.standardOutput = pipe
        try victim.run()
        // It is killed whatever happens here, and waited for.
        defer { if victim.isRunning { kill(victim.processIdentifier, SIGKILL) } }
        var text = ""
        let enough = stalling ? "open \(round * 1_000_000 + 5)\n" : "done \(round * 1_000_000 + 3)\n"
        while !text.contains(enough) {
            let data = pipe.fileHandleForReading.availableData
            guard !data.isEmpty else { throw ApplicationError("the process to be killed ended by itself") }
            text += String(decoding: data, as: UTF8.self)
        }
        if !stalling { usleep(UInt32(generator.below(10_000))) }
        kill(victim.processIdentifier, SIGKILL)
        victim.waitUntilExit()
        text += String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        // A last line without its end was never said.
        return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map { $0.split(separator: " ") }
    }
}

/// The process that is killed: transfers without end and says what it has done.
struct KillVictim: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "victim", shouldDisplay: false)

    @Argument var path: String
    @Option var round: Int
    @Option var stallAt: Int?
    @Flag var withoutTransactions = false

    func run() throws {
        // If nobody kills it, the kernel does.
        alarm(60)
        let bank = try TradingDatabase.open(path: path, label: "victim")
        var generator = SeededGenerator(seed: UInt64(round))
        for number in 1...900_000 {
            let transfer = Bank.Transfer(id: round * 1_000_000 + number, &generator)
            var wait = Duration.zero
            let move = { (db: Database) in
                try Bank.move(transfer, in: db) { done in
                    guard done == 1 else { return }
                    say("open \(transfer.id)")
                    while stallAt == number { pause() }
                }
            }
            try bank.writeWithoutTransaction { db in
                if withoutTransactions { return try move(db) }
                try atomically(db, lockWait: &wait) { try move(db) }
            }
            say("done \(transfer.id)")
        }
    }

    private func say(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = write(STDOUT_FILENO, bytes, bytes.count)
    }
}

import Foundation
import Glibc
import PhasegateCore

/// Where things lie, from the environment that run.sh makes.
struct Place {
    let work: String
    /// The directory of the benchmarks' scripts.
    let benchmarks: String
    let phasegate: String
    let alembic: String?
    let sqitch: String?
    let backupMegabytes: Int
    let ledgerEntries: Int

    init(_ environment: [String: String]) throws {
        guard let work = environment["BENCH_WORK"], let phasegate = environment["BENCH_PHASEGATE"] else {
            throw ProgramFailed(description: "BENCH_WORK and BENCH_PHASEGATE are not set; run Benchmarks/run.sh")
        }
        self.work = work
        benchmarks = environment["BENCH_SCRIPTS"] ?? "Benchmarks"
        self.phasegate = phasegate
        alembic = environment["BENCH_ALEMBIC"]
        sqitch = environment["BENCH_SQITCH"]
        backupMegabytes = environment["BENCH_MEGABYTES"].flatMap(Int.init) ?? 1000
        ledgerEntries = environment["BENCH_ENTRIES"].flatMap(Int.init) ?? 1_000_000
    }
}

/// Milliseconds of the system's clock.
let wallClock: @Sendable () -> Moment = { Moment(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }

/// Runs the benchmarks that are named, or all of them; exit status 1 when a bound is missed.
@main
enum Benchmarks {
    static func main() async throws {
        let environment = ProcessInfo.processInfo.environment
        let place = try Place(environment)
        let board = try Scoreboard(thresholds: environment["BENCH_THRESHOLDS"] ?? "Benchmarks/thresholds.json")
        let named = CommandLine.arguments.dropFirst()
        let all: [(name: String, run: (Scoreboard) async throws -> Void)] = [
            ("status", ProcessBenchmarks(place: place).callAsFunction),
            ("gate", GateBenchmarks(place: place).callAsFunction),
            ("tick", TickBenchmarks(place: place).callAsFunction),
            ("ledger", LedgerBenchmarks(place: place).callAsFunction),
            ("page", PageBenchmarks(place: place).callAsFunction),
            ("outbox", OutboxBenchmarks(place: place).callAsFunction),
            ("backup", BackupBenchmarks(place: place).callAsFunction),
        ]
        let unknown = named.filter { name in !all.contains { $0.name == name } }
        guard unknown.isEmpty else {
            throw ProgramFailed(description: "there is no benchmark '\(unknown.joined(separator: "', '"))'")
        }
        for (name, run) in all where named.isEmpty || named.contains(name) {
            say("\n== \(name)")
            try await run(board)
        }
        let isWell = try board.close(writing: place.work + "/results.json", complete: named.isEmpty)
        exit(isWell ? 0 : 1)
    }
}

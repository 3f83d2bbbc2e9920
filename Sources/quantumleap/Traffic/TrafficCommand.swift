import ArgumentParser
import Dispatch
import FoundationEssentials
import GRDB
import Glibc
import PhasegateCore
import PhasegateStatistics

/// Runs the application with invented users until it is stopped.
struct TrafficCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "traffic",
        abstract: "Run the application: users read and trade while the database is changed.",
        discussion: """
            Each user is served by the old or the new read path, as the flag says. Without a flag store everybody is \
            served by the old one. Ends by itself after the duration, or on SIGTERM or SIGINT.
            """
    )

    @Argument(help: "The trading database.", completion: .file())
    var database: String

    @Option(help: "The flag store; need not exist yet.", completion: .file())
    var flags: String

    @Option(help: "Where to keep telemetry, two hours of it.", completion: .file())
    var telemetry: String

    @Option(help: "The flag that decides who is served by the new read path.")
    var flag = "optimised-reads"

    @Option(help: "Requests a second, of all workers together.")
    var rate = 150.0

    @Option(help: "Percent of the requests that also trade; with 0 the data stay as they are.")
    var writes = 10

    @Option(help: "How long to run, as '600s' or '10min'.")
    var duration = "600s"

    @Option(help: "Workers, each with a connection of its own.")
    var workers = 4

    @Option(help: "The same seed invents the same users in the same order.")
    var seed: UInt64 = 7

    @Option(help: "From when on a read is worth its query plan, as '10ms'.")
    var slow = "10ms"

    @Option(help: "Plant a fault: the new read path takes so many times as long.")
    var slowDown = 1.0

    @Option(help: "Plant a fault: percent of the users who see the new read path although the flag does not say so.")
    var leak = 0.0

    @Option(help: "Where to write the process number; removed at the end.", completion: .file())
    var pidFile: String?

    func validate() throws {
        guard rate > 0, rate <= 100_000 else { throw ValidationError("'--rate' takes more than 0, at most 100000") }
        guard (0...100).contains(writes) else { throw ValidationError("'--writes' takes 0 to 100") }
        guard slowDown >= 1, slowDown <= 100 else { throw ValidationError("'--slow-down' takes 1 to 100") }
        guard (0...100).contains(leak) else { throw ValidationError("'--leak' takes 0 to 100") }
        guard (1...64).contains(workers) else { throw ValidationError("'--workers' takes 1 to 64") }
        for (name, text) in [("duration", duration), ("slow", slow)] where Self.microseconds(text) == nil {
            throw ValidationError("'--\(name)' takes a time as '600s' or '500ms', not '\(text)'")
        }
    }

    func run() throws {
        let pool = Pool(size: workers)
        let metrics = try MetricsWriter(path: database, slow: Self.microseconds(slow) ?? 10_000)
        let telemetry = try Telemetry(path: telemetry)
        let view = FlagView(store: flags, flag: FlagKey(rawValue: flag))
        let (connections, users) = try openConnections()

        let signals = stopOnSignals(pool)
        defer { signals.forEach { $0.cancel() } }
        if let pidFile { try "\(getpid())\n".write(toFile: pidFile, atomically: true, encoding: .utf8) }
        defer { if let pidFile { try? FileManager.default.removeItem(atPath: pidFile) } }

        let group = DispatchGroup()
        var seeds = SeededGenerator(seed: seed)
        for (number, connection) in connections.enumerated() {
            let worker = Worker(
                guarded: GuardedConnection(connection: connection, pool: pool),
                pool: pool,
                flags: view,
                users: users,
                interval: .seconds(Double(workers) / rate),
                writes: writes,
                faults: PlantedFaults(slowDown: slowDown, leak: leak),
                generator: seeds.split()
            )
            DispatchQueue(label: "worker.\(number)").async(group: group) {
                var worker = worker
                worker.run()
            }
        }

        var housekeeping = Housekeeping(pool: pool, flags: view, telemetry: telemetry, metrics: metrics)
        let end = ContinuousClock.now + .microseconds(Self.microseconds(duration) ?? 0)
        while !pool.isStopped, ContinuousClock.now < end {
            usleep(100_000)
            housekeeping.tick()
        }
        pool.stop()
        group.wait()
        housekeeping.finish()
        try connections.forEach { try $0.close() }
        try metrics.close()
        try telemetry.close()
    }

    private func openConnections() throws -> (connections: [DatabaseQueue], users: [String]) {
        let connections = try (0..<workers).map { number in
            try TradingDatabase.open(path: database, label: "worker.\(number)")
        }
        let users = try connections.first?.read { db in
            try String.fetchAll(db, sql: "SELECT id FROM users ORDER BY id")
        }
        guard let users, !users.isEmpty else { throw ApplicationError("'\(database)' has no users") }
        return (connections, users)
    }

    private func stopOnSignals(_ pool: Pool) -> [any DispatchSourceSignal] {
        [SIGTERM, SIGINT].map { number in
            // The default would end the process before the source hears of it.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { pool.stop() }
            source.resume()
            return source
        }
    }

    private static func microseconds(_ text: String) -> Int64? {
        guard let quantity = Quantity(text), let number = quantity.number,
            quantity.unit.dimension == Unit.seconds.dimension, number > 0
        else { return nil }
        let microseconds = number * quantity.unit.scale / Unit.microseconds.scale
        return microseconds < 1e15 ? Int64(microseconds) : nil
    }
}

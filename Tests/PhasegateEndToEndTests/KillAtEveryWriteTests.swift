import Foundation
import Testing

/// The demo rollout, its controller killed before and after every single write to the ledger.
@Suite(.serialized) struct KillAtEveryWriteTests {
    /// What has to come out the same however often the controller was killed.
    private struct Ending: Equatable, CustomStringConvertible {
        let status: String
        let exposure: String
        let migrations: String
        let schema: String
        let content: String

        var description: String { "\(status) | \(exposure) | \(migrations)\n\(schema)\n\(content)" }
    }

    @Test(.timeLimit(.minutes(15))) func endsTheSameAsWithoutAnyKill() throws {
        let undisturbed = try Demo()
        try undisturbed.drive(killing: false)
        let expected = try ending(of: undisturbed)
        #expect(expected.status.contains("\"status\" : \"finished\""), "\(expected)")

        let disturbed = try Demo()
        let kills = try disturbed.drive(killing: true)
        #expect(kills > 100)
        let ending = try ending(of: disturbed)
        #expect(ending == expected, "\(ending)\n-- is not --\n\(expected)")
        #expect(
            try Program.phasegate("ledger", "verify", disturbed.rollout, "--workspace", disturbed.workspace.path).status
                == 0
        )
    }

    private func ending(of demo: Demo) throws -> Ending {
        let status = try Program.phasegate("status", demo.rollout, "--workspace", demo.workspace.path, "--json").output
        let lasting = ["\"status\"", "\"phase\"", "\"stage\"", "optimised-reads", "\"planDigest\""]
        let workspace = demo.workspace
        // Times differ from run to run, and so do the application's own metrics.
        let tables = [
            "users": "*", "trades": "*", "trades_archive": "*", "portfolio": "*", "orders": "*", "signals": "*",
            "schema_versions": "version, description, rollback_script",
            "archive_runs": "table_name, rows_before, rows_archived, rows_kept",
            "phasegate_migrations": "version, name, checksum, rollback, schema_before",
        ]
        var content: [String] = []
        for (table, columns) in tables.sorted(by: { $0.key < $1.key }) {
            let rows = try workspace.sqlite("production_trading.db", "SELECT \(columns) FROM \(table) ORDER BY 1, 2")
            content.append("\(table) \(rows.split(separator: "\n").count) rows, hash \(rows.stableHash)")
        }
        return Ending(
            status: status.split(separator: "\n").filter { line in lasting.contains { line.contains($0) } }.joined(),
            exposure: try workspace.sqlite("flags.sqlite", "SELECT key, share_bp, version FROM flags"),
            migrations: try workspace.sqlite(
                "production_trading.db",
                "SELECT group_concat(version) FROM phasegate_migrations"
            ),
            schema: try workspace.sqlite(
                "production_trading.db",
                "SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_master WHERE name NOT LIKE 'sqlite%' ORDER BY name)"
            ),
            content: content.joined(separator: "\n")
        )
    }
}

/// The QuantumLeap rollout on a small database, with the application running.
private final class Demo {
    let workspace: Workspace
    let rollout: String
    private let traffic: Process

    init() throws {
        workspace = try Workspace()
        let programme = Repository.root + "/phases/programmes/quantumleap"
        // The same plan; only the load test is shorter, because it runs anew after every kill.
        let plan = try String(contentsOfFile: programme + "/rollout.yaml", encoding: .utf8)
            .replacingOccurrences(of: "migrations: migrations,", with: "migrations: \(programme)/migrations,")
            .replacingOccurrences(of: "risks: risks.yaml", with: "risks: \(programme)/risks.yaml")
            .replacingOccurrences(of: "for: 5 s", with: "for: 500 ms")
        rollout = try workspace.write(plan, to: "rollout.yaml")
        let generated = try Program.quantumleap(
            "generate",
            workspace.file("production_trading.db"),
            "--users",
            "1000",
            "--trades",
            "20000"
        )
        try #require(generated.status == 0, "\(generated.everything)")
        traffic = try Program.quantumleap.start(
            [
                "traffic", workspace.file("production_trading.db"), "--flags", workspace.file("flags.sqlite"),
                "--telemetry", workspace.file("telemetry.sqlite"), "--rate", "250", "--workers", "8", "--writes", "0",
                "--slow", "200us",
                "--duration", "900s",
            ]
        )
        try #require(eventually { FileManager.default.fileExists(atPath: self.workspace.file("telemetry.sqlite")) })
    }

    deinit {
        traffic.terminate()
        traffic.waitUntilExit()
    }

    /// Drives to the end; with `killing`, a process dies before each write to the ledger and another one right after it.
    ///
    /// - Returns: how many processes were killed.
    @discardableResult
    func drive(killing: Bool) throws -> Int {
        var kills = 0
        var holds = 0
        while holds < 40 {
            let next = try entries() + 1
            var run = try drive(fault: killing ? "before:\(next)" : nil)
            if run.wasKilled {
                kills += 1
                #expect(try entries() == next - 1, "what was about to be written is not there")
                run = try drive(fault: "after:\(next)")
                if run.wasKilled { kills += 1 }
                #expect(try entries() >= next, "what was written is there")
            }
            if run.status == 0, !run.wasKilled { return kills }
            // A controller that is killed at its first write never gets as far as saying that it waits for a person.
            if try isHeld() {
                holds += 1
                try speak()
            } else if !run.wasKilled {
                Issue.record("ended with \(run.status): \(run.everything.suffix(2000))")
                return kills
            }
        }
        Issue.record("still held after \(holds) times")
        return kills
    }

    private func drive(fault: String?) throws -> Program.Run {
        try Program.phasegate.run(
            [
                "run", rollout, "--workspace", workspace.path, "--reports", workspace.file("reports"), "--time-scale",
                "2000",
            ],
            environment: fault.map { ["PHASEGATE_FAULT": $0] } ?? [:]
        )
    }

    private func isHeld() throws -> Bool {
        try Program.phasegate("status", rollout, "--workspace", workspace.path).output.contains(": held")
    }

    /// The last phase asks for a statement, then for an approval.
    private func speak() throws {
        let state = try Program.phasegate("status", rollout, "--workspace", workspace.path).output
        let common = [rollout, "--by", "Ada", "--because", "the test says so", "--workspace", workspace.path]
        if state.contains("training-and-documentation") {
            try Program.phasegate.run(["attest"] + common + ["training-and-documentation", "--evidence", "none"])
        } else if state.contains("advanced-features") {
            try Program.phasegate.run(["approve"] + common)
        }
    }

    private func entries() throws -> Int {
        guard FileManager.default.fileExists(atPath: workspace.file(".phasegate/ledger.sqlite")) else { return 0 }
        return Int(try workspace.sqlite(".phasegate/ledger.sqlite", "SELECT count(*) FROM entries")) ?? 0
    }
}

extension String {
    /// FNV-1a; only to compare, and short in a failure's message.
    fileprivate var stableHash: UInt64 {
        utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}

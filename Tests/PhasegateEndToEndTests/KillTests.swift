import Foundation
import PhasegateTesting
import Testing

/// A kill by the real program: first every place, then the rest, whatever else is broken.
@Suite("kill") struct KillTests {
    private let shop: Shop

    init() throws {
        shop = try Shop {
            $0.replacingOccurrences(
                of: "new-search: {store: flags.sqlite}",
                with: "new-search: {store: flags.sqlite, sinks: [{name: web, kind: flagd-file, path: web.json, "
                    + "poll: 0 s}, {name: table, kind: sql-table, target: main}]}"
            ).replacingOccurrences(of: "soak: 0 s", with: "soak: 1 h")
                .replacingOccurrences(of: "timeout: 2 s", with: "timeout: 2 h")
        }
    }

    // MARK: What the places show

    private func share() -> String {
        (try? shop.workspace.sqlite("flags.sqlite", "SELECT share_bp || '/' || killed FROM flags")) ?? ""
    }

    private func table() -> String {
        (try? shop.workspace.sqlite("shop.db", "SELECT share_bp FROM phasegate_flags")) ?? ""
    }

    private func web() -> String { (try? Repository.text(at: shop.workspace.file("web.json"))) ?? "" }

    private var isExposed: Bool { web().contains("fractional") && table() == "5000" && share() == "5000/0" }

    private var isNobodyExposed: Bool {
        !web().contains("fractional") && web().contains("\"defaultVariant\" : \"off\"") && table() == "0"
            && share() == "0/1"
    }

    private var pending: [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: shop.workspace.file(".phasegate/kills"))) ?? []
    }

    private func hasIndex() throws -> Bool {
        try shop.workspace.sqlite("shop.db", "SELECT count(*) FROM sqlite_master WHERE name = 'orders_by_customer'")
            == "1"
    }

    /// Runs to the first step and leaves the controller in the middle of it.
    private func rampingController() throws -> Process {
        let controller = try Program.phasegate.start(
            ["run", shop.rollout, "--workspace", shop.workspace.path, "--reports", shop.workspace.file("reports")]
        )
        try #require(eventually { isExposed && stage() == "gate-at-50%" })
        return controller
    }

    private func stage() -> String {
        let status = try? shop("status", "--json")
        return status?.output.contains("gate-at-50%") == true ? "gate-at-50%" : ""
    }

    private func kill(_ arguments: String..., environment: [String: String] = [:]) throws -> Program.Run {
        try Program.phasegate.run(
            [
                "kill", shop.rollout, "--by", "Ada", "--because", "customers complain", "--workspace",
                shop.workspace.path,
            ]
                + ["--reports", shop.workspace.file("reports")] + arguments,
            environment: environment
        )
    }

    private func requests() throws -> Int {
        try shop("history").output.split(separator: "\n").filter {
            $0.contains(" requested ") && $0.contains("kill asked for by Ada: customers complain (asked at")
        }.count
    }

    // MARK: With a ledger

    @Test func closesEveryPlaceAndEndsTheRollout() throws {
        let controller = try rampingController()
        let kill = try kill()
        #expect(kill.status == 1, "\(kill.everything)")
        #expect(kill.output.contains("flag 'new-search' is at 0 % in its store, sink 'web', sink 'table'"))
        #expect(isNobodyExposed)
        controller.waitUntilExit()
        #expect(controller.terminationStatus == 1)
        #expect(isNobodyExposed)
        #expect(try !hasIndex())
        #expect(try shop("status").output.contains("killed") && pending.isEmpty)
        #expect(try shop("resume", "--by", "Ada", "--because", "again").status == 77)
        #expect(try shop("run").status == 1)
    }

    @Test func aControllerThatWasKilledInMidRampNeverRaisesAgain() throws {
        let controller = try rampingController()
        endAtOnce(controller)
        controller.waitUntilExit()
        let killed = try kill()
        #expect(killed.status == 1, "\(killed.everything)")
        #expect(isNobodyExposed)
        #expect(try !hasIndex(), "with nobody else at work the kill takes the phase back itself")
        #expect(try shop("run").status == 1 && isNobodyExposed)
    }

    @Test func beforeTheFirstStepItCancelsTheSchedule() throws {
        #expect(try shop("check").status == 0)
        let killed = try kill()
        #expect(killed.status == 1, "\(killed.everything)")
        #expect(share() == "0/1")
        let run = try shop("run")
        #expect(run.status == 1, "\(run.everything)")
        #expect(try !hasIndex() && share() == "0/1")
    }

    // MARK: Without a ledger

    private func breakLedger(_ way: LedgerFault) throws {
        let manager = FileManager.default
        let ledger = shop.workspace.file(".phasegate/ledger.sqlite")
        switch way {
        case .missing: try manager.moveItem(atPath: ledger, toPath: ledger + ".away")
        case .unreadable:
            try manager.copyItem(atPath: ledger, toPath: ledger + ".away")
            try shop.workspace.write(String(repeating: "no database ", count: 1000), to: ".phasegate/ledger.sqlite")
        case .server: break
        }
    }

    private func mendLedger() throws {
        let ledger = shop.workspace.file(".phasegate/ledger.sqlite")
        guard FileManager.default.fileExists(atPath: ledger + ".away") else { return }
        try? FileManager.default.removeItem(atPath: ledger)
        try FileManager.default.moveItem(atPath: ledger + ".away", toPath: ledger)
    }

    enum LedgerFault: CaseIterable { case missing, unreadable, server }

    @Test(arguments: LedgerFault.allCases) func worksWhileTheLedgerIsDown(way: LedgerFault) throws {
        let controller = try rampingController()
        endAtOnce(controller)
        controller.waitUntilExit()
        for suffix in ["-wal", "-shm"] where way != .server {
            try shop.workspace.sqlite(".phasegate/ledger.sqlite", "PRAGMA wal_checkpoint(TRUNCATE)")
            try? FileManager.default.removeItem(atPath: shop.workspace.file(".phasegate/ledger.sqlite" + suffix))
        }
        try breakLedger(way)
        // Nothing listens at port 1.
        let killed =
            try way == .server ? kill("--ledger", "postgresql://nobody@127.0.0.1:1/ledger?sslmode=disable") : kill()
        #expect(killed.status == 1, "\(killed.everything)")
        #expect(isNobodyExposed)
        #expect(killed.output.contains("the ledger could not be told"), "\(killed.everything)")
        #expect(pending.count == 1)
        try mendLedger()
        let run = try shop("run")
        #expect(run.status == 1, "\(run.everything)")
        #expect(run.output.contains("entered the kill that Ada asked for"), "\(run.everything)")
        #expect(try requests() == 1 && pending.isEmpty && isNobodyExposed && !hasIndex())
        #expect(try shop("status").output.contains("killed"))
        #expect(try shop("run").status == 1)
        #expect(try requests() == 1)
        #expect(try Program.phasegate("ledger", "verify", shop.rollout, "--workspace", shop.workspace.path).status == 0)
    }

    /// The controller goes on living, cannot write, and must not raise either.
    @Test func worksWhileTheLedgerIsLocked() throws {
        let controller = try rampingController()
        defer { controller.terminate() }
        let holder = try LedgerLock(shop.workspace.file(".phasegate/ledger.sqlite"))
        let begin = ContinuousClock.now
        let process = try Program.phasegate.start(
            [
                "kill", shop.rollout, "--by", "Ada", "--because", "customers complain", "--workspace",
                shop.workspace.path,
            ]
                + ["--reports", shop.workspace.file("reports")]
        )
        try #require(eventually { isNobodyExposed })
        #expect(ContinuousClock.now - begin < .seconds(5), "the ledger's ten seconds were waited for")
        process.waitUntilExit()
        #expect(process.terminationStatus == 1 && pending.count == 1)
        holder.release()
        controller.terminate()
        controller.waitUntilExit()
        #expect(try shop("run").status == 1)
        #expect(try requests() == 1 && isNobodyExposed)
    }

    @Test func aCrashBetweenLedgerAndRecordEntersItOnce() throws {
        let controller = try rampingController()
        endAtOnce(controller)
        controller.waitUntilExit()
        _ = try kill("--ledger", "postgresql://nobody@127.0.0.1:1/ledger?sslmode=disable")
        let name = try #require(pending.first)
        let record = try Repository.text(at: shop.workspace.file(".phasegate/kills/" + name))
        #expect(try shop("run").status == 1)
        try shop.workspace.write(record, to: ".phasegate/kills/" + name)
        #expect(try shop("run").status == 1)
        #expect(try requests() == 1 && pending.isEmpty)
    }

    // MARK: After it

    @Test func anotherRolloutNeedsAPersonFirst() throws {
        let controller = try rampingController()
        defer { controller.terminate() }
        #expect(try kill().status == 1)
        controller.waitUntilExit()
        let again = shop.workspace.file("again.yaml")
        try Repository.text(at: shop.rollout).replacingOccurrences(of: "rollout: shop", with: "rollout: again")
            .replacingOccurrences(of: "soak: 1 h", with: "soak: 0 s").write(
                toFile: again,
                atomically: true,
                encoding: .utf8
            )
        func phasegate(_ arguments: String...) throws -> Program.Run {
            try Program.phasegate.run(arguments + ["--workspace", shop.workspace.path])
        }
        let reports = ["--reports", shop.workspace.file("reports-again")]
        let refused = try Program.phasegate.run(["run", again, "--workspace", shop.workspace.path] + reports)
        #expect(refused.status == 1 && refused.output.contains("killed by 'Ada'"), "\(refused.everything)")
        #expect(isNobodyExposed)
        #expect(try phasegate("flags", "lift", again, "other", "--by", "Bea", "--because", "mended").status == 65)
        let lifted = try phasegate("flags", "lift", again, "new-search", "--by", "Bea", "--because", "mended")
        #expect(lifted.status == 0, "\(lifted.everything)")
        #expect(try phasegate("flags", "lift", again, "new-search", "--by", "Bea", "--because", "mended").status == 65)
        #expect(try phasegate("resume", again, "--by", "Bea", "--because", "mended").status == 0)
        let run = try Program.phasegate.run(["run", again, "--workspace", shop.workspace.path] + reports)
        #expect(run.status == 0, "\(run.everything)")
        #expect(share() == "10000/0")
        #expect(try phasegate("flags", again).output.contains("killed by Ada: customers complain"))
    }

    // MARK: Places that do not obey

    @Test func namesThePlaceThatIsNotConfirmed() throws {
        let controller = try rampingController()
        endAtOnce(controller)
        controller.waitUntilExit()
        // A directory of that name cannot be replaced by a file.
        try FileManager.default.removeItem(atPath: shop.workspace.file("web.json"))
        try FileManager.default.createDirectory(
            atPath: shop.workspace.file("web.json/x"),
            withIntermediateDirectories: true
        )
        let killed = try kill()
        #expect(killed.status == 69, "\(killed.everything)")
        #expect(killed.errors.contains("sink 'web'") && !killed.errors.contains("not confirmed by sink 'table'"))
        #expect(share() == "0/1" && table() == "0")
    }

    @Test func closesOverAChangeByHandBetweenTwoSteps() throws {
        let controller = try rampingController()
        try shop.workspace.sqlite("shop.db", "UPDATE phasegate_flags SET share_bp = 9000, version = version + 1")
        #expect(try kill().status == 1)
        controller.waitUntilExit()
        #expect(isNobodyExposed)
    }

    @Test func aMistypedWorkspaceIsNoSuccess() throws {
        let empty = try Workspace()
        let run = try Program.phasegate.run(
            ["kill", shop.rollout, "--by", "Ada", "--because", "x", "--workspace", empty.path]
        )
        #expect(run.status == 69 && run.errors.contains("there is no ledger"), "\(run.everything)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: empty.path).isEmpty)
    }
}

private func endAtOnce(_ process: Process) { kill(process.processIdentifier, SIGKILL) }

extension Repository {
    fileprivate static func text(at path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
}

/// Holds the write lock of a database until it is let go.
private final class LedgerLock {
    private let shell = Process()
    private let input = Pipe()

    init(_ path: String) throws {
        shell.executableURL = URL(fileURLWithPath: "/usr/bin/sqlite3")
        shell.arguments = [path]
        let output = Pipe()
        shell.standardInput = input
        shell.standardOutput = output
        try shell.run()
        try input.fileHandleForWriting.write(
            contentsOf: Data(".timeout 10000\nBEGIN IMMEDIATE; SELECT 'locked';\n".utf8)
        )
        _ = output.fileHandleForReading.availableData
    }

    func release() {
        try? input.fileHandleForWriting.close()
        shell.waitUntilExit()
    }
}

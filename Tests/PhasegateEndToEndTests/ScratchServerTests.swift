import Foundation
import PhasegateTesting
import Testing

/// A server that phasegate has started on restored files does not outlive it.
@Suite(
    "scratch servers",
    .enabled(if: PostgreSQLServer.isWanted, "PostgreSQL is not installed"),
    .timeLimit(.minutes(5))
)
struct ScratchServerTests {
    /// Command lines that speak of a directory.
    private func processes(with path: String) -> [String] {
        let numbers = (try? FileManager.default.contentsOfDirectory(atPath: "/proc"))?.filter { Int($0) != nil } ?? []
        return numbers.compactMap { number in
            let line = FileManager.default.contents(atPath: "/proc/\(number)/cmdline") ?? Data()
            let text = String(decoding: line, as: UTF8.self)
            return text.contains(path) ? text : nil
        }
    }

    private func until(_ what: String, _ isThere: () -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while !isThere() {
            try #require(ContinuousClock.now < deadline, "never seen: \(what)")
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    @Test func endWithAControllerThatIsKilledAndTheNextOneProvesTheBackup() async throws {
        let server = PostgreSQLServer()
        let shop = try await PostgreSQLShop(on: server) { plan in
            plan.replacingOccurrences(
                of: "{kind: integrity}, must: ok",
                with: "{kind: backup, format: basebackup}, must: verified, deadline: 5 min"
            )
        }
        let scratch = shop.workspace.file(".phasegate/scratch")
        let process = try shop.start("check")
        try await until("a server on restored files") {
            !processes(with: "\(scratch)/").filter { $0.contains("postgres") }.isEmpty
        }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try await until("its end") { processes(with: "\(scratch)/").isEmpty }
        try await until("its files gone") {
            (try? FileManager.default.contentsOfDirectory(atPath: scratch)) ?? [] == []
        }
        let run = try shop("check")
        #expect(run.status == 0, "\(run.everything)")
        // The password of the server is in nothing that was written, the artifact's own hashes of it aside.
        #expect(!shop.everythingWritten().contains(PostgreSQLServer.password))
        #expect(!run.everything.contains(PostgreSQLServer.password))
    }
}

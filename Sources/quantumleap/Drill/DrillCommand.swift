import ArgumentParser

/// Provokes faults in the application's own parts and reports what was observed.
struct DrillCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drill",
        abstract: "Provoke faults in the application's own parts and report what was observed.",
        discussion: """
            Each drill answers as a monitoring plug-in does: one line with figures behind a bar, exit status 0 if all \
            is as it should be, 2 if not, 3 if nothing could be observed. None of them touches a database that \
            somebody uses.
            """,
        subcommands: [
            BreakerDrill.self, ErrorDrill.self, TransactionDrill.self, KillDrill.self, MetricsDrill.self,
            KillVictim.self,
        ]
    )
}

/// What a drill observed, as a monitoring plug-in says it.
struct Observation {
    enum Status: Int32 {
        case ok = 0
        case critical = 2
        case unknown = 3
    }

    let status: Status
    let sentence: String
    /// Label and value, with its unit.
    var figures: [(label: String, value: String)] = []

    var line: String {
        let word =
            switch status {
            case .ok: "OK"
            case .critical: "CRITICAL"
            case .unknown: "UNKNOWN"
            }
        let data = figures.map { " \($0.label)=\($0.value)" }.joined()
        return "\(word) - \(sentence)" + (data.isEmpty ? "" : " |\(data)")
    }
}

/// One drill.
protocol Drill: ParsableCommand {
    func observe() throws -> Observation
}

extension Drill {
    /// A drill that cannot be carried out has observed nothing, which is neither good nor bad.
    mutating func run() throws {
        let observation: Observation
        do {
            observation = try observe()
        } catch {
            observation = Observation(status: .unknown, sentence: "the drill could not be carried out: \(error)")
        }
        print(observation.line.split(whereSeparator: \.isNewline).joined(separator: " "))
        if observation.status != .ok { throw ExitCode(observation.status.rawValue) }
    }
}

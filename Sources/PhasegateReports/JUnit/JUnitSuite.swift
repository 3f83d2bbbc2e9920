import PhasegateCore

/// The cases of one phase, with the counts that consumers rely on.
struct JUnitSuite {
    let name: String
    /// Class name of its cases; dots inside names would read as packages.
    let classname: String
    let from: Moment?
    /// Seconds on the wall clock.
    let time: Double
    let cases: [JUnitCase]

    var failures: Int { cases.count { if case .failure = $0.result { true } else { false } } }
    var errors: Int { cases.count { if case .error = $0.result { true } else { false } } }
    var skipped: Int { cases.count { if case .skipped = $0.result { true } else { false } } }
    var warnings: Int { cases.count { if case .warned = $0.result { true } else { false } } }
}

extension JUnitSuite {
    /// A phase: the phase itself, its criteria, its steps.
    init(_ phase: RolloutReport.PhaseReport, in report: RolloutReport) {
        name = phase.name.rawValue
        classname = Self.classname(report.rollout.rawValue, phase.name.rawValue)
        from = phase.from
        time = phase.from.map { max(0, ((phase.to ?? report.generatedAt) - $0).inSeconds) } ?? 0
        let steps = phase.stages.filter { $0.kind == .step }
        cases = Self.unique(
            [JUnitCase(phase, in: report)] + phase.criteria.map { JUnitCase($0) } + steps.map { JUnitCase(step: $0) }
        )
    }

    /// A rollout without phases: one case that says so, because an empty report reads as a success.
    init(withoutPhases report: RolloutReport) {
        name = report.rollout.rawValue
        classname = Self.classname(report.rollout.rawValue)
        from = report.openedAt
        time = 0
        cases = [
            JUnitCase(
                name: "phases",
                result: .error(type: "phasegate.unknown"),
                message: "the rollout has no phases, and what is not measured does not pass"
            )
        ]
    }

    private static func classname(_ parts: String...) -> String {
        (["phasegate"] + parts.map { $0.replacing(".", with: "_") }).joined(separator: ".")
    }

    /// Consumers drop the second of two cases with the same name, so each gets its own.
    private static func unique(_ cases: [JUnitCase]) -> [JUnitCase] {
        var seen: Set<String> = []
        return cases.map { original in
            var unique = original
            var number = 2
            while !seen.insert(unique.name).inserted {
                unique.name = "\(original.name) (\(number))"
                number += 1
            }
            return unique
        }
    }
}

import Foundation
import PhasegateCore
import Testing

/// Schemas of other projects, which lie beside this one.
enum JUnitSchema: String {
    /// By which Jenkins' xunit plug-in takes or refuses a whole file.
    case xunit = "junit-10.xsd"
    /// What people wrote down for Ant's tasks.
    case ant = "windyroad-junit.xsd"

    var path: String {
        ProjectFiles.root.appending(path: "../shared/schemas/\(rawValue)").standardizedFileURL.path()
    }

    /// Without the schemas nothing is validated, and the test says so; where CI runs they have to be there.
    static let areThere: Bool =
        ProcessInfo.processInfo.environment["CI"] == "true"
        || [JUnitSchema.xunit, .ant].allSatisfy { FileManager.default.fileExists(atPath: $0.path) }
}

extension Trait where Self == ConditionTrait {
    /// Skips a test that validates, and says so, where there is nothing to validate against.
    static var withJUnitSchemas: Self {
        .enabled(if: JUnitSchema.areThere, "the schemas are missing beside the project, nothing was validated")
    }
}

extension RolloutReport {
    /// The sample with people's signatures.
    func with(signatures: [Signature]) -> RolloutReport {
        RolloutReport(
            rollout: rollout,
            title: title,
            document: document,
            generatedAt: generatedAt,
            version: version,
            status: status,
            verdict: verdict,
            headline: headline,
            reason: reason,
            phase: phase,
            stage: stage,
            openedAt: openedAt,
            timeScale: timeScale,
            planDigest: planDigest,
            ledgerLength: ledgerLength,
            ledgerHead: ledgerHead,
            phases: phases,
            grid: grid,
            risks: risks,
            planFindings: planFindings,
            exposures: exposures,
            log: log,
            signatures: signatures
        )
    }

    /// The sample with only these criteria in its present phase.
    static func only(_ criteria: [CriterionReport]) -> RolloutReport {
        sample.with(phases: [PhaseReport.queryOptimisation.with(stages: [], criteria: criteria)])
    }

    /// Everything passes.
    static let allPass = sample.with(
        status: .finished,
        verdict: .go,
        phases: [PhaseReport.queryOptimisation, .coreInfrastructure].map { phase in
            phase.with(
                progress: .finished,
                stages: [],
                criteria: (1...4).map { CriterionReport.judged("holds-\($0)", .pass) }
            )
        }
    )

    /// Each way a criterion, step and phase can come out.
    static let allVerdicts = sample.with(
        phases: [PhaseReport.Progress.ahead, .present, .finished, .rolledBack, .failed].map { progress in
            PhaseReport.queryOptimisation.with(
                progress: progress,
                stages: [StageReport.Progress.ahead, .present, .passed, .failed, .undone].map {
                    .step(
                        StageName(rawValue: "step-\($0.rawValue)"),
                        $0,
                        "2026-11-21T09:00:00Z",
                        "2026-11-21T09:00:01Z",
                        "apply migration 1",
                        StepOutcome(observed: "schema version is 1", evidence: ["took": "1 s"])
                    )
                },
                criteria: CriterionReport.allJudgements
            )
        } + [PhaseReport.queryOptimisation.with(progress: .finished, stages: [], criteria: [])]
    )

    /// A report of one phase with so many criteria of all outcomes.
    static func many(_ count: Int) -> RolloutReport {
        only(
            (0..<count).map { number in
                let outcome = number % 9 == 8 ? nil : Finding.Outcome.allCases[number % 4]
                return .judged("criterion-\(number)", outcome, isShould: number % 5 == 0)
            }
        )
    }
}

extension RolloutReport.CriterionReport {
    /// A criterion with a finding like this, or without one.
    static func judged(
        _ name: String,
        _ outcome: Finding.Outcome?,
        role: Criterion.Role = .success,
        isShould: Bool = false,
        isUnconfirmed: Bool = false,
        waivedBy: String? = nil,
        reason: String = "54.6 ms it is",
        notes: [String] = [],
        took: Int64? = nil,
        place: Place? = nil,
        owner: String? = nil,
        planned: String? = nil
    ) -> Self {
        let name = CriterionName(rawValue: name)
        let strength: Criterion.Strength = isShould ? .should : .must
        let bound = "\(strength.rawValue) <= 50 ms"
        return Self(
            name: name,
            role: role,
            strength: strength,
            probe: "latency",
            bound: bound,
            sources: ["S4-77"],
            risks: ["R003"],
            finding: outcome.map {
                Finding(
                    criterion: name,
                    role: role,
                    strength: strength,
                    outcome: $0,
                    reason: reason,
                    observed: "54.6 ms",
                    bound: bound,
                    samples: 1_180,
                    observedAt: RolloutReport.at("2026-11-21T09:29:40Z"),
                    resolvedQuery: "SELECT 1 < 2",
                    isUnconfirmed: isUnconfirmed,
                    waivedBy: waivedBy
                )
            },
            notes: notes,
            rounds: 3,
            failures: 1,
            history: [],
            tookMilliseconds: took,
            place: place,
            owner: owner,
            plannedBound: planned
        )
    }

    /// Each combination of what can be said about a criterion.
    static var allJudgements: [Self] {
        var all = [judged("never-weighed", nil)]
        for outcome in Finding.Outcome.allCases {
            for role in Criterion.Role.allCases {
                for isShould in [false, true] {
                    for isUnconfirmed in [false, true] where outcome == .fail || !isUnconfirmed {
                        for waivedBy in [nil, "l.brandt"] {
                            all.append(
                                judged(
                                    "criterion-\(all.count)",
                                    outcome,
                                    role: role,
                                    isShould: isShould,
                                    isUnconfirmed: isUnconfirmed,
                                    waivedBy: waivedBy,
                                    took: 12,
                                    place: Place(file: "phases/a.yaml", line: all.count, column: 1),
                                    owner: "l.brandt"
                                )
                            )
                        }
                    }
                }
            }
        }
        return all
    }
}

import Foundation
import PhasegateCore

extension RolloutReport {
    /// The sample with other answers.
    func with(
        rollout: RolloutName? = nil,
        title: String? = nil,
        status: RolloutStatus? = nil,
        verdict: GateOutcome? = nil,
        phases: [PhaseReport]? = nil,
        risks: [RiskAppraisal]? = nil,
        log: [LogLine]? = nil,
        threats: [Threat]? = nil,
        countdowns: [Countdown]? = nil,
        latencies: [LatencyCurve]? = nil,
        notices: [NoticeReport]? = nil
    ) -> RolloutReport {
        RolloutReport(
            rollout: rollout ?? self.rollout,
            title: title ?? self.title,
            document: document,
            generatedAt: generatedAt,
            version: version,
            status: status ?? self.status,
            verdict: verdict ?? self.verdict,
            headline: headline,
            reason: reason,
            phase: phase,
            stage: stage,
            openedAt: openedAt,
            timeScale: timeScale,
            planDigest: planDigest,
            ledgerLength: ledgerLength,
            ledgerHead: ledgerHead,
            phases: phases ?? self.phases,
            grid: grid,
            risks: risks ?? self.risks,
            planFindings: planFindings,
            exposures: exposures,
            log: log ?? self.log,
            threats: threats ?? self.threats,
            countdowns: countdowns ?? self.countdowns,
            changes: changes,
            latencies: latencies ?? self.latencies,
            signatures: signatures,
            notices: notices ?? self.notices,
            seeds: seeds
        )
    }

    /// A rollout of which nothing is known yet.
    static let empty = RolloutReport(
        rollout: "empty",
        title: "",
        document: nil,
        generatedAt: at("2026-11-21T09:30:00Z"),
        version: "0.1.0",
        status: .running,
        verdict: nil,
        headline: "",
        reason: "",
        phase: nil,
        stage: nil,
        openedAt: nil,
        timeScale: 60,
        planDigest: "",
        ledgerLength: 0,
        ledgerHead: "",
        phases: [],
        grid: RiskRegister.empty.grid,
        risks: [],
        planFindings: [],
        exposures: [],
        log: []
    )

    /// The sample with a text put behind every word that comes from outside.
    func poisoned(with poison: String) throws -> RolloutReport {
        let tree = try JSONSerialization.jsonObject(with: JSONEncoder().encode(self))
        let data = try JSONSerialization.data(withJSONObject: Self.poison(tree, key: "", with: poison))
        return try JSONDecoder().decode(RolloutReport.self, from: data)
    }

    private static let outside: Set<String> = [
        "name", "title", "rollout", "document", "version", "headline", "reason", "planDigest", "ledgerHead", "window",
        "from", "to", "effort", "text", "sources", "risks", "sentence", "conditions", "observed", "evidence", "probe",
        "bound", "notes", "baseline", "resolvedQuery", "waivedBy", "criterion", "id", "word", "impacts", "impact",
        "levels", "level", "cells", "likelihood", "priority", "derivedLevel", "disagreement", "raisedBy", "phases",
        "message", "hint", "rule", "file", "flag", "actor", "phase", "stage", "evidenceDigest",
        "label", "left", "sentences", "unit", "boundaryRule", "by", "because", "subject", "standing", "owner", "needs",
        "answer", "channel", "body", "episode", "audience", "value",
    ]

    private static func poison(_ value: Any, key: String, with poison: String) -> Any {
        switch value {
        case let map as [String: Any]:
            let isEvidence = key == "evidence" || key == "seeds"
            return Dictionary(
                uniqueKeysWithValues: map.map { name, item in
                    (isEvidence ? name + poison : name, Self.poison(item, key: isEvidence ? key : name, with: poison))
                }
            )
        case let list as [Any]:
            return list.map { Self.poison($0, key: key, with: poison) }
        case let text as String where (outside.contains(key) || key == "seeds") && Moment(text) == nil:
            return text + poison
        default:
            return value
        }
    }
}

/// What names and texts from outside try.
let poisons = [
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "\" onmouseover=\"alert(1)", "' onfocus='alert(1)",
    // Marks that cling to a quote or a bracket and hide it from a search by characters.
    "\"\u{301} onmouseover=alert(1) x=\"\u{301}", "\u{600}\" onmouseover=alert(1) ", "<\u{FE0F}img src=x>",
    ">\u{20DD}<b\u{301}>",
    // A line end between them that must not be dropped.
    "\"\r\u{301} onmouseover=alert(1) x=\"\r\u{301}", "<\r\u{301}img src=x>",
    "</title></style></table><style>*{display:none}</style>", "{{title}}{{{title}}}{{> layout}}",
    "&lt;b&gt;&#60;i&#62;",
    "]]><evil/>", "<!-- ", "--><!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>&e;",
    "\n[[ATTACHMENT|/etc/passwd]]\n[[attachment|\u{301}x]] [\u{1B}[0m[PROPERTY|a=b]]",
    "\u{1B}[31mred\u{1B}[0m\u{1B}]0;title\u{7}",
    "\u{0}\u{1}\u{8}\u{B}\u{C}\u{1F}\u{7F}\u{85}\u{9B}31m\u{FFFE}\u{FFFF}", "\u{202E}evil\u{2066}\u{200F}\u{2028}",
    "\r\nSet-Cookie: a=b\r\n\r\n", String(repeating: "long", count: 2_000),
]

extension RolloutReport.PhaseReport {
    /// The phase with other contents.
    func with(
        name: PhaseName? = nil,
        title: String? = nil,
        progress: Progress? = nil,
        window: Window? = nil,
        from: Moment? = nil,
        mitigations: [Mitigation]? = nil,
        stages: [RolloutReport.StageReport]? = nil,
        criteria: [RolloutReport.CriterionReport]? = nil,
        needs: [PhaseName]? = nil,
        interruptions: [RolloutReport.Interruption]? = nil
    ) -> Self {
        Self(
            name: name ?? self.name,
            title: title ?? self.title,
            progress: progress ?? self.progress,
            reversibility: reversibility,
            window: window ?? self.window,
            effort: effort,
            from: from ?? self.from,
            to: to,
            risks: risks,
            mitigations: mitigations ?? self.mitigations,
            sources: sources,
            stages: stages ?? self.stages,
            criteria: criteria ?? self.criteria,
            needs: needs ?? self.needs,
            interruptions: interruptions ?? self.interruptions
        )
    }
}

extension RolloutReport {
    /// The sample with phases that do not just follow each other.
    static let branching: RolloutReport = {
        let phases = RolloutReport.sample.phases
        return sample.with(
            phases: [
                phases[0], phases[1], phases[2].with(needs: [phases[0].name]),
                phases[3].with(needs: [phases[1].name, phases[2].name]),
            ]
        )
    }()
}

extension RolloutReport {
    /// A small rollout that is through.
    static let finished = RolloutReport(
        rollout: "ledger-archive",
        title: "Archive of the ledger",
        document: nil,
        generatedAt: at("2026-11-21T09:30:00Z"),
        version: "0.1.0",
        status: .finished,
        verdict: .go,
        headline: "Finished",
        reason: "all 5 criteria hold in one round",
        phase: nil,
        stage: nil,
        openedAt: at("2026-11-02T08:00:00Z"),
        timeScale: 1,
        planDigest: "0a1b6a3bb2d9e1478c02b7a96d4ef31590aa7c18e3f64b2d7c9015e8af23b460",
        ledgerLength: 640,
        ledgerHead: "77a94e07d35b628ff0be71d2c48a9630e57d1f8b4426a3c90d7e5b18f2a6c3d4",
        phases: [.coreInfrastructure],
        grid: .sample,
        risks: RiskAppraisal.samples.filter { $0.raisedBy.isEmpty && $0.isMeasured },
        planFindings: [],
        exposures: [],
        log: Array(LogLine.samples.prefix(7)),
        changes: Changes(since: at("2026-11-20T16:00:00Z"), ledgerLength: 640, sentences: [])
    )
}

extension ProgrammeReport {
    /// Three rollouts: one held, one that has only begun, one that is through.
    static let sample = ProgrammeReport(
        title: "Databases of the trading platform",
        generatedAt: RolloutReport.at("2026-11-21T09:30:00Z"),
        version: "0.1.0",
        rollouts: [
            .sample, .empty, .finished,
        ]
    )
}

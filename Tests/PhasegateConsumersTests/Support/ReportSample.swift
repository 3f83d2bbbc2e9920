import PhasegateCore
import Testing

/// Reports that every reader is fed.
enum ReportSample: String, CaseIterable, CustomTestStringConvertible {
    case allPass = "all-pass"
    case allVerdicts = "all verdicts"
    case hostileNames = "hostile names"
    case manyCases = "100,000 cases"

    var testDescription: String { rawValue }

    /// The small ones.
    static let readable: [ReportSample] = [.allPass, .allVerdicts, .hostileNames]

    /// The report; the criteria of `manyCases` all pass or fail, because a reader knows no errors.
    var report: RolloutReport {
        switch self {
        case .allPass: .of([.phase("schema", [.init("rows-kept", .pass), .init("p95", .pass), .init("p99", .warn)])])
        case .allVerdicts:
            .of([
                .phase(
                    "indexes",
                    [
                        .init("p95", .pass), .init("p99", .warn), .init("rows-kept", .fail),
                        .init("disk-free", .unknown), .init("backup-restores", nil),
                        .init("error-rate", .fail, waivedBy: "l.brandt"),
                        .init("lag", .unknown, waivedBy: "l.brandt"),
                        .init("queue", .fail, isUnconfirmed: true),
                    ]
                ),
                .phase("archive", [.init("archive-verified", nil)], .ahead),
            ])
        case .hostileNames:
            .of(
                hostileTexts.enumerated().map { index, text in
                    .phase("phase \(index) \(text)", [.init("criterion \(text)", .fail, reason: "because \(text)")])
                }
            )
        case .manyCases:
            .of(
                (0..<100).map { phase in
                    .phase("phase-\(phase)", (0..<999).map { .init("criterion-\($0)", $0 % 3 == 0 ? .fail : .pass) })
                }
            )
        }
    }
}

/// What names and texts from outside try.
let hostileTexts = [
    "<script>alert(1)</script>", "]]><evil/>", "\" onmouseover=\"alert(1)", "&amp;&#60;", "<!-- --", "a.b.c",
    "[[ATTACHMENT|/etc/passwd]]", "\u{1B}[31mred\u{1B}[0m", "\u{0}\u{8}\u{B}\u{FFFE}\u{7F}\u{9B}",
    "\r\nSet-Cookie: a=b",
    "\u{202E}evil\u{2066}", "\"\u{301}x\u{20DD}", "emoji 🧪 \u{2FA1D}", " leading and trailing ", "\u{2028}\u{85}",
    "x,1 it's {{title}} $(id) %00",
]

/// A criterion and how it stands, without what no reader sees.
struct CriterionSample {
    let name: String
    let outcome: Finding.Outcome?
    let reason: String
    let isUnconfirmed: Bool
    let waivedBy: String?

    init(
        _ name: String,
        _ outcome: Finding.Outcome?,
        reason: String = "54.6 ms it is & that is > 50 ms",
        isUnconfirmed: Bool = false,
        waivedBy: String? = nil
    ) {
        self.name = name
        self.outcome = outcome
        self.reason = reason
        self.isUnconfirmed = isUnconfirmed
        self.waivedBy = waivedBy
    }
}

extension RolloutReport.PhaseReport {
    /// A phase of these criteria that is under way.
    static func phase(_ name: String, _ criteria: [CriterionSample], _ progress: Progress = .present) -> Self {
        Self(
            name: PhaseName(rawValue: name),
            title: name,
            progress: progress,
            reversibility: .reversible,
            window: nil,
            effort: nil,
            from: progress == .ahead ? nil : noon,
            to: nil,
            risks: [],
            mitigations: [],
            sources: [],
            stages: [],
            criteria: criteria.map { .init($0) }
        )
    }
}

extension RolloutReport.CriterionReport {
    fileprivate init(_ sample: CriterionSample) {
        let finding = sample.outcome.map { outcome in
            Finding(
                criterion: CriterionName(rawValue: sample.name),
                role: .success,
                strength: .must,
                outcome: outcome,
                reason: sample.reason,
                observed: "54.6 ms",
                bound: "must <= 50 ms",
                baseline: nil,
                samples: 1_180,
                observedAt: noon,
                resolvedQuery: "SELECT 1 < 2",
                isUnconfirmed: sample.isUnconfirmed,
                waivedBy: sample.waivedBy
            )
        }
        self.init(
            name: CriterionName(rawValue: sample.name),
            role: .success,
            strength: .must,
            probe: "latency",
            bound: "must <= 50 ms",
            sources: [],
            risks: [],
            finding: finding,
            notes: [],
            rounds: 3,
            failures: 1,
            history: []
        )
    }
}

extension RolloutReport {
    fileprivate static func of(_ phases: [PhaseReport]) -> RolloutReport {
        RolloutReport(
            rollout: "readers",
            title: "A rollout for readers",
            document: nil,
            generatedAt: noon,
            version: "0.2.0",
            status: .held,
            verdict: .hold,
            headline: "Not yet.",
            reason: "waiting",
            phase: phases.first?.name,
            stage: nil,
            openedAt: noon,
            timeScale: 1,
            planDigest: String(repeating: "5f", count: 32),
            ledgerLength: 7,
            ledgerHead: String(repeating: "c1", count: 32),
            phases: phases,
            grid: RiskRegister.empty.grid,
            risks: [],
            planFindings: [],
            exposures: [],
            log: []
        )
    }
}

/// When all of it was seen.
private let noon = Moment("2026-11-21T12:00:00Z") ?? Moment(milliseconds: 0)

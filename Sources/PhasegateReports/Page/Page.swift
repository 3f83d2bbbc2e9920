import PhasegateCore

/// What the layout shows, in its order.
struct Page {
    let dress: Dress
    let documentTitle: Shown
    let title: Shown
    let rollout: Shown
    let document: Shown
    let version: Shown
    let generated: Time
    let audience: Shown
    let depth: Shown
    let isLead: Bool
    let isEngineer: Bool
    let summary: Summary
    let strip: [PhaseCard]
    let hasTimeScale: Bool
    let timeScale: Shown
    let timeline: TimelineSection
    let phases: [PhaseSection]
    let risks: RiskSection
    let exposure: ExposureSection
    let latency: LatencySection
    let log: LogSection
    let signatures: SignatureSection
    let notices: NoticeSection
    let appendix: Appendix

    /// Looks at a report as an audience does.
    ///
    /// - Throws: what encoding it as JSON throws.
    init(_ report: RolloutReport, for audience: Audience, in dress: Dress, limits: PageLimits? = nil) throws {
        let limits = limits ?? PageLimits(for: report)
        let isLead = audience != .stakeholder
        self.dress = dress
        self.isLead = isLead
        isEngineer = audience == .engineer
        title = Shown(report.title.isEmpty ? report.rollout.rawValue : report.title)
        documentTitle = Shown("\(report.status.rawValue.replacing("-", with: " ")): \(report.displayTitle)")
        rollout = Shown(report.rollout.rawValue)
        document = Shown(report.document ?? "")
        version = Shown(report.version)
        generated = Time(report.generatedAt)
        self.audience = Shown(audience.rawValue)
        depth =
            switch audience {
            case .stakeholder: "The short report. Criteria, decisions and notices are in the report for leads."
            case .lead: "The report for leads. Queries and all of it as JSON are in the report for engineers."
            case .engineer: "The full report."
            }
        summary = Summary(report, linkTo: isLead ? "#" : nil)
        strip = report.phases.enumerated().map {
            PhaseCard($1, number: $0 + 1, at: report.generatedAt, isLinked: isLead)
        }
        hasTimeScale = report.timeScale != 1
        timeScale = Shown(shortDecimal(report.timeScale))
        timeline = TimelineSection(report)
        // What an audience does not see is not made either.
        phases =
            isLead
            ? report.phases.enumerated().map {
                PhaseSection($1, number: $0 + 1, in: report, for: audience, limits: limits)
            } : []
        risks = RiskSection(report, for: audience)
        exposure = ExposureSection(report)
        latency = LatencySection(report)
        log = LogSection(report, limits: limits)
        signatures = SignatureSection(report)
        notices = NoticeSection(report, for: audience, limits: limits)
        appendix = try Appendix(report, for: audience, limits: limits)
    }
}

/// What a page wears: its styles and its script, with the hashes by which its policy allows them.
struct Dress {
    let style: Drawing
    let styleHash: Drawing
    let script: Drawing
    let scriptHash: Drawing
}

extension RolloutReport {
    /// The title, or the name where there is none.
    var displayTitle: String { title.isEmpty ? rollout.rawValue : title }
}

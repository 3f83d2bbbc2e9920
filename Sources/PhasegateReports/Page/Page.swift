import PhasegateCore

/// What the layout shows, in its order.
struct Page {
    let title: Shown
    let rollout: Shown
    let document: Shown
    let version: Shown
    let generated: Time
    let summary: Summary
    let strip: [PhaseCard]
    let hasTimeScale: Bool
    let timeScale: Shown
    let phases: [PhaseSection]
    let risks: RiskSection
    let exposure: ExposureSection
    let log: LogSection
    let appendix: Appendix

    init(_ report: RolloutReport) {
        title = Shown(report.title.isEmpty ? report.rollout.rawValue : report.title)
        rollout = Shown(report.rollout.rawValue)
        document = Shown(report.document ?? "")
        version = Shown(report.version)
        generated = Time(report.generatedAt)
        summary = Summary(report)
        strip = report.phases.enumerated().map { PhaseCard($1, number: $0 + 1, at: report.generatedAt) }
        hasTimeScale = report.timeScale != 1
        timeScale = Shown(shortDecimal(report.timeScale))
        phases = report.phases.enumerated().map { PhaseSection($1, number: $0 + 1, in: report) }
        risks = RiskSection(report)
        exposure = ExposureSection(report)
        log = LogSection(report)
        appendix = Appendix(report)
    }
}

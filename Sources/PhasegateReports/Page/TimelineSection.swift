import PhasegateCore

/// The phases along time, planned against actual, and what waits for what.
struct TimelineSection {
    /// One phase with what happened in it.
    struct Row {
        let number: Shown
        let title: Shown
        let planned: Shown
        let actual: Shown
        let needs: Shown
        let events: [Event]
    }

    /// A gate that was weighed, a hold or a rollback.
    struct Event {
        let badge: Badge
        let what: Shown
        let at: [Time]
    }

    let hasPhases: Bool
    let plannedDrawing: Drawing
    let hasPlan: Bool
    let actualDrawing: Drawing
    let hasActual: Bool
    let graph: Drawing
    let hasGraph: Bool
    let rows: [Row]

    init(_ report: RolloutReport) {
        let phases = report.phases
        let titles = Dictionary(
            phases.map { ($0.name, $0.title.isEmpty ? $0.name.rawValue : $0.title) },
            uniquingKeysWith: { first, _ in first }
        )
        hasPhases = !phases.isEmpty
        let timeline = PhaseTimeline(phases: phases, openedAt: report.openedAt, now: report.generatedAt)
        plannedDrawing = timeline.planned(
            title: "Phases as planned",
            description: phases.map { "\(titles[$0.name] ?? ""): \($0.plannedSentence)" }.joined(separator: "; ")
        )
        hasPlan = !plannedDrawing.isNull
        actualDrawing = timeline.actual(
            title: "Phases as they went",
            description: phases.map { phase in
                "\(titles[phase.name] ?? ""): \(phase.actualSentence(at: report.generatedAt))" + phase.verdictsSentence
            }.joined(separator: "; ")
        )
        hasActual = !actualDrawing.isNull
        func needed(_ phase: RolloutReport.PhaseReport) -> String {
            phase.needs.map { titles[$0] ?? $0.rawValue }.joined(separator: ", ")
        }
        graph = DependencyGraph(phases).drawing(
            title: "Which phase waits for which",
            description: phases.filter { !$0.needs.isEmpty }
                .map { "\(titles[$0.name] ?? "") needs \(needed($0))" }.joined(separator: "; ")
        )
        hasGraph = !graph.isNull
        rows = phases.enumerated().map { index, phase in
            Row(
                number: Shown(String(index + 1)),
                title: Shown(titles[phase.name] ?? ""),
                planned: Shown(phase.plannedSentence),
                actual: Shown(phase.actualSentence(at: report.generatedAt)),
                needs: Shown(needed(phase)),
                events: Self.events(phase)
            )
        }
    }

    private static func events(_ phase: RolloutReport.PhaseReport) -> [Event] {
        let gates = phase.stages.compactMap { stage -> (at: Moment, event: Event)? in
            guard stage.kind == .gate, let verdict = stage.verdict, let at = stage.to ?? stage.from else { return nil }
            let verb = stage.to == nil ? "open since" : "left"
            return (
                at, Event(badge: Badge(verdict.outcome), what: Shown("\(stage.name) \(verb)"), at: [Time(at)])
            )
        }
        let interruptions = phase.interruptions.map { interruption -> (at: Moment, event: Event) in
            let badge = interruption.kind == .held ? Badge(.hold, "held") : Badge(.fail, "taken back")
            let times = [Time(interruption.from)] + interruption.to.times
            return (interruption.from, Event(badge: badge, what: Shown(interruption.reason), at: times))
        }
        return (gates + interruptions).sorted { $0.at < $1.at }.map(\.event)
    }
}

extension RolloutReport.PhaseReport {
    /// What its gates said last, to be put behind a sentence; empty before any was weighed.
    fileprivate var verdictsSentence: String {
        let verdicts = stages.filter { $0.kind == .gate }.compactMap { stage in
            stage.verdict.map { "\(stage.name) \(Badge($0.outcome).word.renderText)" }
        }
        return verdicts.isEmpty ? "" : ", gates: \(verdicts.joined(separator: ", "))"
    }
}

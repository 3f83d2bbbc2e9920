import PhasegateCore

/// One phase in the strip at the top.
struct PhaseCard {
    /// One stage as a mark in a row.
    struct Pip {
        let tone: Shown
    }

    let number: Shown
    let title: Shown
    let badge: Badge
    let isPresent: Bool
    let planned: Shown
    let actual: Shown
    let stages: Shown
    let pips: [Pip]
    let href: Shown

    init(_ phase: RolloutReport.PhaseReport, number: Int, at moment: Moment, isLinked: Bool) {
        href = Shown(isLinked ? "#phase-\(number)" : "")
        self.number = Shown(String(number))
        title = Shown(phase.title.isEmpty ? phase.name.rawValue : phase.title)
        badge = Badge(phase.progress)
        isPresent = phase.progress == .present
        planned = Shown(phase.plannedSentence)
        actual = Shown(phase.actualSentence(at: moment))
        let done = phase.stages.count { $0.progress == .passed }
        stages = Shown("\(done) of \(counted(phase.stages.count, "stage")) passed")
        pips = phase.stages.map { Pip(tone: Badge($0.progress).tone) }
    }
}

extension RolloutReport.PhaseReport {
    /// The planned window and effort in words.
    var plannedSentence: String {
        var words: [String] = []
        if let window { words.append(window.from == window.to ? window.from : "\(window.from) to \(window.to)") }
        if let effort { words.append(effort) }
        return words.isEmpty ? "no window planned" : words.joined(separator: ", ")
    }

    /// When the phase was entered and left, and how long that took.
    func actualSentence(at moment: Moment) -> String {
        guard let from else { return "not entered yet" }
        if let endedAt {
            let span = "\(from.dayForPeople) to \(endedAt.dayForPeople), \(spanForPeople(endedAt - from))"
            return isAtRest ? "\(span), \(endingVerb)" : span
        }
        if isAtRest { return "since \(from.dayForPeople), \(endingVerb); when is not on record" }
        return "since \(from.dayForPeople), for \(spanForPeople(moment - from))"
    }
}

extension Moment {
    /// Date, hours and minutes.
    fileprivate var dayForPeople: String { String(forPeople.prefix(16)) }
}

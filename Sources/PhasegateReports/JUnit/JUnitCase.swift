import PhasegateCore

/// One test case: a criterion, a step or the phase itself.
///
/// One value serves all cases of a suite in turn, so that their number costs
/// no memory.
struct JUnitCase {
    /// Stable between runs: no values, times or percentages but those of the plan's own names.
    private(set) var name = ""
    /// What it came to.
    private(set) var result = JUnitResult.skipped
    /// How long it took.
    private(set) var milliseconds: Int64 = 0
    /// One sentence in the first line, what is behind it in the lines below; never empty.
    var text = TextBuffer()
    /// Where the rollout file states it.
    private(set) var place: Place?
    /// Who answers for it.
    private(set) var owner: String?
    /// Traits of a criterion that readers may sort by, in order; each that is there has a value.
    private(set) var traits: [(name: StaticString, value: String)] = []
    /// Whether readers want traits; making them costs a fifth of everything else.
    private let hasTraits: Bool

    init(hasTraits: Bool) { self.hasTraits = hasTraits }
}

extension JUnitCase {
    /// Longest message; readers cut longer ones in the middle of a word.
    static let messageLimit = 200

    /// Becomes another case; its text is still to be put together.
    private mutating func become(_ name: String, _ result: JUnitResult) {
        self.name = Self.name(name)
        self.result = result
        milliseconds = 0
        text.clear()
        place = nil
        owner = nil
        traits.removeAll(keepingCapacity: true)
    }

    /// Gives the case another name because its own is taken.
    mutating func rename(_ name: String) { self.name = name }

    /// A name as it may stand in a file: readers drop or refuse a case without one.
    static func name(_ text: String) -> String {
        let line = PlainText.attribute(text)
        return line.isEmpty ? "(unnamed)" : line
    }

    /// A rollout without phases says so, because an empty report reads as a success.
    mutating func becomeMissingPhases() {
        become("phases", .unknown)
        text.add(words: "the rollout has no phases, and what is not measured does not pass")
    }

    /// Becomes a step as far as it has come.
    mutating func become(step: RolloutReport.StageReport) {
        become("step: \(step.name)", JUnitResult(step: step))
        if let from = step.from, let to = step.to { milliseconds = (to - from).milliseconds }
        switch step.progress {
        case .ahead: text.add(words: "not reached: ")
        case .present: text.add(words: "not done yet: ")
        case .passed: text.add(words: "done: ")
        case .failed: text.add(words: "failed: ")
        case .undone: text.add(words: "taken back: ")
        }
        text.add(line: step.sentence)
        if let outcome = step.outcome {
            text.add(fact: "seen afterwards: ", outcome.observed)
            for (key, value) in outcome.evidence.sorted(by: { $0.key < $1.key }) {
                text.add(words: "\n")
                text.add(line: key)
                text.add(words: ": ")
                text.add(indented: value)
            }
        }
    }

    /// Becomes the phase as a whole, so that no suite is empty and a stop shows although every criterion holds.
    mutating func become(_ phase: RolloutReport.PhaseReport, in report: RolloutReport) {
        become("phase", JUnitResult(phase, in: report))
        let isHere = report.phase == phase.name
        var reason = isHere ? report.reason : ""
        switch (phase.progress, result) {
        case (.ahead, _):
            text.add(words: "not reached")
            reason = ""
        case (.present, .failure): text.add(line: report.status.rawValue)
        case (.present, _) where isHere && (report.status == .held || report.verdict == .hold):
            text.add(words: "hold")
        case (.present, _): text.add(words: "not finished")
        case (.finished, .error): text.add(words: "has no criteria, and what is not measured does not pass")
        case (.finished, _):
            text.add(words: "finished")
            reason = ""
        case (.rolledBack, _): text.add(words: "rolled back")
        case (.failed, _): text.add(words: "failed")
        }
        if !reason.isEmpty {
            text.add(words: ": ")
            text.add(line: reason)
        }
        text.add(fact: "rollout: ", report.status.rawValue)
        text.add(fact: "headline: ", report.headline)
        for stage in phase.stages {
            guard let verdict = stage.verdict else { continue }
            text.add(fact: "gate ", stage.name.rawValue)
            text.add(words: ": ")
            text.add(line: verdict.outcome.rawValue)
            text.add(words: " in round ")
            text.add(number: Int64(stage.rounds))
            text.add(words: ": ")
            text.add(line: verdict.reason)
        }
    }
}

extension JUnitCase {
    /// Becomes a criterion as its last finding has it.
    ///
    /// - Parameters:
    ///   - criterion: the criterion.
    ///   - waiver: what the person signed who waived it, if the report has it.
    ///   - isReached: whether its phase has been entered.
    mutating func become(
        _ criterion: RolloutReport.CriterionReport,
        waiver: RolloutReport.Signature?,
        isReached: Bool
    ) {
        become(criterion.name.rawValue, JUnitResult(criterion))
        milliseconds = criterion.tookMilliseconds ?? 0
        place = criterion.place
        owner = criterion.owner
        if hasTraits { addTraits(of: criterion) }
        guard let finding = criterion.finding else {
            text.add(words: isReached ? "not weighed yet" : "not reached, not weighed yet")
            text.add(fact: "bound: ", criterion.bound)
            text.add(fact: "probe: ", criterion.probe.rawValue)
            return
        }
        addSentence(finding, waiver)
        addEvidence(criterion, finding)
        if let waiver, finding.waivedBy != nil { text.add(fact: "waived because: ", waiver.because) }
    }

    private mutating func addSentence(_ finding: Finding, _ waiver: RolloutReport.Signature?) {
        switch result {
        case .skipped:
            addWaiver(finding.waivedBy ?? "", waiver)
            text.add(words: ", stands at ")
            text.add(line: finding.outcome.rawValue)
            text.add(words: ": ")
        case .warned: text.add(words: finding.outcome == .fail ? "WARN should, but does not: " : "WARN ")
        case .error: text.add(words: "not measured: ")
        case .failure where finding.isUnconfirmed: text.add(words: "not confirmed yet: ")
        case .failure, .passed: break
        }
        text.add(line: finding.reason)
        if text.bytes.isEmpty { text.add(words: "no reason was given") }
        if result != .skipped, let person = finding.waivedBy {
            text.add(words: " (")
            addWaiver(person, waiver)
            text.add(words: ")")
        }
    }

    private mutating func addWaiver(_ person: String, _ waiver: RolloutReport.Signature?) {
        text.add(words: "waived by ")
        text.add(line: person)
        if let expires = waiver?.expires {
            text.add(words: " until ")
            text.add(moment: expires)
        }
    }

    private mutating func addEvidence(_ criterion: RolloutReport.CriterionReport, _ finding: Finding) {
        text.add(fact: "observed: ", finding.observed ?? "nothing")
        text.add(fact: "bound: ", finding.bound)
        if let planned = criterion.plannedBound {
            text.add(fact: "judged under an earlier plan, which now says: ", planned)
        }
        if !criterion.boundaryRule.isEmpty { text.add(fact: "at the bound: ", criterion.boundaryRule) }
        text.add(fact: "baseline: ", finding.baseline)
        text.add(fact: "samples: ", finding.samples)
        text.add(fact: "role: ", finding.role.rawValue)
        text.add(words: ", ")
        text.add(text: finding.strength.rawValue)
        text.add(fact: "probe: ", criterion.probe.rawValue)
        text.add(fact: "rounds: ", criterion.rounds)
        text.add(words: ", not passed: ")
        text.add(number: Int64(criterion.failures))
        if let moment = finding.observedAt {
            text.add(words: "\nobserved at: ")
            text.add(moment: moment)
        }
        text.add(fact: "sources: ", list: criterion.sources)
        text.add(fact: "risks: ", list: criterion.risks.lazy.map(\.rawValue))
        for note in criterion.notes { text.add(fact: "note: ", note) }
        text.add(fact: "query: ", finding.resolvedQuery)
    }

    private mutating func addTraits(of criterion: RolloutReport.CriterionReport) {
        traits.append((name: "role", value: criterion.role.rawValue))
        traits.append((name: "strength", value: criterion.strength.rawValue))
        traits.append((name: "probe", value: criterion.probe.rawValue))
        if !criterion.sources.isEmpty {
            traits.append((name: "sources", value: criterion.sources.joined(separator: ", ")))
        }
        if !criterion.risks.isEmpty {
            traits.append((name: "risks", value: criterion.risks.map(\.rawValue).joined(separator: ", ")))
        }
    }
}

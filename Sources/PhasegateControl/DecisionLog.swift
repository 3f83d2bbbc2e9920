import PhasegateCore

/// The decision log: one line per event worth telling, repetitions folded together.
struct DecisionLog {
    /// The lines, oldest first.
    private(set) var lines: [RolloutReport.LogLine] = []

    /// Reads one entry.
    ///
    /// - Parameters:
    ///   - entry: the entry.
    ///   - place: where the rollout stands with it.
    ///   - verdict: the last one, for what was decided by it.
    ///   - intents: what was about to be done, by identifier.
    mutating func read(
        _ entry: LedgerEntry,
        at place: LedgerHistory.StageKey?,
        after verdict: Verdict?,
        intents: [String: Intent]
    ) {
        if case .decided(let decision) = entry.event {
            decide(decision, entry, place, verdict)
        } else if case .delivered(let delivery) = entry.event {
            deliver(delivery, entry, place)
        } else if let (kind, sentence) = words(for: entry.event, intents) {
            add(kind, sentence, entry, place, repeats: 1)
        }
    }

    private func words(for event: LedgerEvent, _ intents: [String: Intent]) -> (kind: String, sentence: String)? {
        switch event {
        case .opened(let opening):
            (
                "opened",
                "began with plan \(opening.planDigest.prefix(12)), clocks \(shortDecimal(opening.timeScale)) x"
            )
        case .planChanged(let digest):
            (
                "plan-changed",
                "the plan changed to \(digest.prefix(12)); approvals, attestations and waivers are void"
            )
        case .entered(let phase, let stage):
            ("entered", "reached '\(stage)' of phase '\(phase)'")
        case .baselinesFrozen(_, let measurements):
            ("baselines", "froze \(measurements.count) baselines")
        case .acted(let id, let outcome):
            intents[id].map { ("acted", "\($0.step.sentence): \(outcome.observed)") }
        case .failed(_, let message):
            ("failed", message)
        case .undoing(let steps, let action, let reason, _):
            (action.rawValue, "takes the phase back in \(steps.count) steps: \(reason)")
        case .phaseFinished(let phase):
            ("phase-finished", "phase '\(phase)' is finished")
        case .settled(let status, let reason):
            ("settled", "\(status.rawValue): \(reason)")
        case .requested(let request):
            ("requested", request.sentence + (request.askedAt.map { " (asked at \($0.forPeople) UTC)" } ?? ""))
        case .resumed(let by, let because):
            ("resumed", "resumed by \(by): \(because)")
        case .approved(let approval):
            ("approved", "\(approval.by) approved '\(approval.gate)' of '\(approval.phase)': \(approval.because)")
        case .attested(let said):
            ("attested", "\(said.by) attested '\(said.statement)' until \(said.expires): \(said.because)")
        case .waived(let waiver):
            ("waived", "\(waiver.by) waived '\(waiver.criterion)' until \(waiver.expires): \(waiver.because)")
        case .noticed(let channel, let title, _):
            ("noticed", "\(channel): \(title)")
        case .raised(let notice, let assignments):
            ("raised", sentence(for: notice, to: assignments))
        case .acknowledged(let answer):
            ("acknowledged", "\(answer.by) takes care of '\(answer.episode)': \(answer.because)")
        case .gateDefined, .weighed, .decided, .intended, .delivered:
            nil
        }
    }

    private func sentence(for notice: Notice, to assignments: [Assignment]) -> String {
        let receivers =
            assignments.isEmpty
            ? "no channel carries it" : "to \(assignments.map { "'\($0.channel)'" }.joined(separator: ", "))"
        return "notice \(notice.id), \(notice.kind.rawValue), \(notice.level): \(notice.title); \(receivers)"
    }

    /// Waiting rounds that say the same are one line with a count.
    private mutating func decide(
        _ decision: Decision,
        _ entry: LedgerEntry,
        _ place: LedgerHistory.StageKey?,
        _ verdict: Verdict?
    ) {
        let answer = (verdict.map { "\($0.outcome.rawValue) → " } ?? "") + decision.action.rawValue
        let isWaiting = decision.action == .wait || decision.action == .hold
        addOrFold(
            "decided",
            "\(answer): \(decision.reason)",
            entry,
            place,
            foldingAfter: isWaiting ? answer : nil
        )
    }

    /// Arrival needs no line; trying in vain does, once for all attempts in a row.
    private mutating func deliver(_ delivery: Delivery, _ entry: LedgerEntry, _ place: LedgerHistory.StageKey?) {
        let subject = "notice \(delivery.notice) did not arrive on '\(delivery.channel)'"
        switch delivery.outcome {
        case .arrived, .dropped:
            break
        case .failed(let why, let retryAt, _):
            let sentence = "\(subject), attempt \(delivery.attempt): \(why); tried again at \(retryAt)"
            addOrFold("not-delivered", sentence, entry, place, foldingAfter: subject)
        case .dead(let why):
            add("given-up", "\(subject), given up after attempt \(delivery.attempt): \(why)", entry, place, repeats: 1)
        case .closed(let why):
            let sentence = "\(subject), and nothing more is sent on this channel: \(why)"
            add("channel-closed", sentence, entry, place, repeats: 1)
        }
    }

    /// Replaces the last line where it is of the same kind and place and begins with the same words.
    private mutating func addOrFold(
        _ kind: String,
        _ sentence: String,
        _ entry: LedgerEntry,
        _ place: LedgerHistory.StageKey?,
        foldingAfter beginning: String?
    ) {
        if let beginning, let last = lines.last, last.kind == kind, last.phase == place?.phase,
            last.stage == place?.stage, last.sentence.hasPrefix(beginning)
        {
            lines.removeLast()
            add(kind, sentence, entry, place, repeats: last.repeats + 1, since: last.since ?? last.at)
        } else {
            add(kind, sentence, entry, place, repeats: 1)
        }
    }

    private mutating func add(
        _ kind: String,
        _ sentence: String,
        _ entry: LedgerEntry,
        _ place: LedgerHistory.StageKey?,
        repeats: Int,
        since: Moment? = nil
    ) {
        lines.append(
            RolloutReport.LogLine(
                sequence: entry.sequence,
                at: entry.at,
                actor: entry.actor,
                phase: place?.phase,
                stage: place?.stage,
                kind: kind,
                sentence: sentence,
                repeats: repeats,
                since: since
            )
        )
    }
}

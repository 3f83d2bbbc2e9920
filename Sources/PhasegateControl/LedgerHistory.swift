import PhasegateCore

/// What a ledger tells about stages, criteria and exposure, gathered entry by entry.
struct LedgerHistory {
    struct StageKey: Hashable {
        let phase: PhaseName
        let stage: StageName
    }

    struct CriterionKey: Hashable {
        let phase: PhaseName
        let criterion: CriterionName
    }

    struct StageRecord {
        var from: Moment
        var to: Moment?
        var rounds = 0
        var verdict: Verdict?
        var outcome: StepOutcome?
        var failure: String?
        var isUndone = false
    }

    struct CriterionRecord {
        var rounds = 0
        var failures = 0
        var last: Finding?
        var notes: [String] = []
        var values: [RolloutReport.Sample] = []
    }

    private(set) var stages: [StageKey: StageRecord] = [:]
    private(set) var criteria: [CriterionKey: CriterionRecord] = [:]
    private(set) var exposures: [RolloutReport.ExposurePoint] = []
    private(set) var log: [RolloutReport.LogLine] = []
    private(set) var lastVerdict: Verdict?

    private var here: StageKey?
    private var intents: [String: Intent] = [:]
    private var isUndoing = false
    private var isAtRest = false
    private static let historyLength = 120

    mutating func read(_ entry: LedgerEntry) {
        switch entry.event {
        case .opened(let opening):
            say(
                "opened",
                "began with plan \(opening.planDigest.prefix(12)), clocks \(shortDecimal(opening.timeScale)) x",
                entry
            )
        case .planChanged(let digest):
            say(
                "plan-changed",
                "the plan changed to \(digest.prefix(12)); approvals, attestations and waivers are void",
                entry
            )
        case .entered(let phase, let stage):
            enter(phase, stage, entry)
        case .gateDefined:
            break
        case .weighed(let round, let verdict):
            weigh(round, verdict)
        case .decided(let decision):
            decide(decision, entry)
        case .baselinesFrozen(_, let measurements):
            say("baselines", "froze \(measurements.count) baselines", entry)
        case .intended(let intent):
            intents[intent.id] = intent
        case .acted(let id, let outcome):
            act(id, outcome, entry)
        case .failed(let id, let message):
            if let intent = intents[id], let here, StageName(rawValue: intent.step.name) == here.stage {
                stages[here]?.failure = message
            }
            say("failed", message, entry)
        case .undoing(let steps, let action, let reason, _):
            isUndoing = true
            say(action.rawValue, "takes the phase back in \(steps.count) steps: \(reason)", entry)
        case .phaseFinished(let phase):
            if let here { stages[here]?.to = entry.at }
            say("phase-finished", "phase '\(phase)' is finished", entry)
        case .settled(let status, let reason):
            isUndoing = false
            isAtRest = true
            if let here { stages[here]?.to = entry.at }
            say("settled", "\(status.rawValue): \(reason)", entry)
        case .requested(let request):
            say("requested", request.sentence, entry)
        case .resumed(let by, let because):
            // What was only held goes on; the present attempt stays.
            if isAtRest { forgetPresentAttempt() }
            isAtRest = false
            say("resumed", "resumed by \(by): \(because)", entry)
        case .approved(let approval):
            say(
                "approved",
                "\(approval.by) approved '\(approval.gate)' of '\(approval.phase)': \(approval.because)",
                entry
            )
        case .attested(let attestation):
            say(
                "attested",
                "\(attestation.by) attested '\(attestation.statement)' until \(attestation.expires): \(attestation.because)",
                entry
            )
        case .waived(let waiver):
            say("waived", "\(waiver.by) waived '\(waiver.criterion)' until \(waiver.expires): \(waiver.because)", entry)
        case .noticed(let channel, let title, _):
            say("noticed", "\(channel): \(title)", entry)
        case .raised(let notice, _):
            say("raised", notice.title, entry)
        case .delivered:
            break
        case .acknowledged(let acknowledgement):
            say("acknowledged", "\(acknowledgement.by) takes care of it: \(acknowledgement.because)", entry)
        }
    }

    private mutating func enter(_ phase: PhaseName, _ stage: StageName, _ entry: LedgerEntry) {
        if let here, stages[here]?.to == nil { stages[here]?.to = entry.at }
        let key = StageKey(phase: phase, stage: stage)
        stages[key] = StageRecord(from: entry.at)
        here = key
        say("entered", "reached '\(stage)' of phase '\(phase)'", entry)
    }

    private mutating func weigh(_ round: GateRound, _ verdict: Verdict) {
        lastVerdict = verdict
        guard let here else { return }
        stages[here]?.rounds += 1
        stages[here]?.verdict = verdict
        for finding in verdict.findings {
            var record = criteria[CriterionKey(phase: here.phase, criterion: finding.criterion)] ?? CriterionRecord()
            record.rounds += 1
            if finding.outcome != .pass { record.failures += 1 }
            record.last = finding
            if let measurement = round.readings.last(where: { $0.criterion == finding.criterion })?.measurement {
                record.notes = measurement.notes
                if measurement.parts.count == 1, let number = measurement.parts[0].quantity.number {
                    record.values.append(RolloutReport.Sample(at: round.at, value: number))
                    if record.values.count > Self.historyLength { record.values.removeFirst() }
                }
            }
            criteria[CriterionKey(phase: here.phase, criterion: finding.criterion)] = record
        }
    }

    /// Waiting rounds that say the same are one line with a count.
    private mutating func decide(_ decision: Decision, _ entry: LedgerEntry) {
        let verdict = lastVerdict.map { "\($0.outcome.rawValue) → " } ?? ""
        let isWaiting = decision.action == .wait || decision.action == .hold
        if isWaiting, let last = log.last, last.kind == "decided", last.phase == here?.phase, last.stage == here?.stage,
            last.sentence.hasPrefix(verdict + decision.action.rawValue)
        {
            log.removeLast()
            add(
                "decided",
                "\(verdict)\(decision.action.rawValue): \(decision.reason)",
                entry,
                repeats: last.repeats + 1
            )
        } else {
            add("decided", "\(verdict)\(decision.action.rawValue): \(decision.reason)", entry, repeats: 1)
        }
    }

    private mutating func act(_ id: String, _ outcome: StepOutcome, _ entry: LedgerEntry) {
        guard let intent = intents[id] else { return }
        if case .expose(let step) = intent.step {
            exposures.append(RolloutReport.ExposurePoint(at: entry.at, flag: step.flag, share: step.share))
        }
        if isUndoing {
            markUndone(by: intent)
        } else {
            stages[StageKey(phase: intent.phase, stage: StageName(rawValue: intent.step.name))]?.outcome = outcome
        }
        say("acted", "\(intent.step.sentence): \(outcome.observed)", entry)
    }

    private mutating func markUndone(by intent: Intent) {
        for key in stages.keys where key.phase == intent.phase {
            switch intent.step {
            case .unmigrate(let step):
                if key.stage == StageName(rawValue: Step.migrate(step).name) { stages[key]?.isUndone = true }
            case .expose:
                if key.stage.rawValue.hasPrefix("expose-") { stages[key]?.isUndone = true }
            case .migrate, .checkHealth:
                break
            }
        }
    }

    /// A phase that is begun anew shows its present attempt; the log keeps the earlier one.
    private mutating func forgetPresentAttempt() {
        guard let phase = here?.phase else { return }
        for key in stages.keys where key.phase == phase { stages[key] = nil }
        here = nil
    }

    private mutating func say(_ kind: String, _ sentence: String, _ entry: LedgerEntry) {
        add(kind, sentence, entry, repeats: 1)
    }

    private mutating func add(_ kind: String, _ sentence: String, _ entry: LedgerEntry, repeats: Int) {
        log.append(
            RolloutReport.LogLine(
                sequence: entry.sequence,
                at: entry.at,
                actor: entry.actor,
                phase: here?.phase,
                stage: here?.stage,
                kind: kind,
                sentence: sentence,
                repeats: repeats
            )
        )
    }
}

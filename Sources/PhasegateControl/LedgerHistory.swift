public import PhasegateCore

/// What a ledger tells about stages, criteria, people and notices, gathered entry by entry.
///
/// Each entry costs what it holds, whatever came before it, so that reading a ledger is linear in its length.
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

    private(set) var stages: [StageKey: StageRecord] = [:]
    private(set) var criteria: [CriterionKey: CriterionHistory] = [:]
    private(set) var exposures: [RolloutReport.ExposurePoint] = []
    private(set) var log = DecisionLog()
    private(set) var interruptions = InterruptionHistory()
    private(set) var signatures = SignatureHistory()
    private(set) var notices = NoticeHistory()
    /// The last verdict of the present attempt.
    private(set) var lastVerdict: Verdict?
    /// Why the controller last decided as it did; nothing after a phase was begun anew.
    private(set) var lastReason: String?
    /// When it came to rest, if it is at rest.
    private(set) var settledAt: Moment?

    private var definition: GateDefinition?
    private var criteriaOfGate: [CriterionName: Criterion] = [:]
    private var here: StageKey?
    private var intents: [String: Intent] = [:]
    private var isUndoing = false
    private var isAtRest = false

    /// Gathers all entries of a ledger.
    init(_ entries: [LedgerEntry]) {
        for entry in entries { read(entry) }
    }

    private mutating func read(_ entry: LedgerEntry) {
        interruptions.read(entry, in: here?.phase)
        signatures.read(entry.event, endsAttempt: isAtRest, of: here?.phase)
        notices.read(entry)
        follow(entry)
        log.read(entry, at: here, after: lastVerdict, intents: intents)
        // What was only held goes on; the present attempt stays.
        if case .resumed = entry.event {
            if isAtRest { forgetPresentAttempt() }
            isAtRest = false
            settledAt = nil
        }
    }

    private mutating func follow(_ entry: LedgerEntry) {
        switch entry.event {
        case .entered(let phase, let stage):
            if let here, stages[here]?.to == nil { stages[here]?.to = entry.at }
            let key = StageKey(phase: phase, stage: stage)
            stages[key] = StageRecord(from: entry.at)
            here = key
        case .gateDefined(let definition):
            self.definition = definition
            criteriaOfGate = Dictionary(definition.gate.criteria.map { ($0.name, $0) }) { first, _ in first }
        case .weighed(let round, let verdict):
            weigh(round, verdict)
        case .decided(let decision):
            lastReason = decision.reason
        case .intended(let intent):
            intents[intent.id] = intent
        case .acted(let id, let outcome):
            if let intent = intents[id] { act(intent, outcome, at: entry.at) }
        case .failed(let id, let message):
            if let intent = intents[id], let here, StageName(rawValue: intent.step.name) == here.stage {
                stages[here]?.failure = message
            }
        case .undoing:
            isUndoing = true
        case .phaseFinished:
            if let here { stages[here]?.to = entry.at }
        case .settled:
            isUndoing = false
            isAtRest = true
            settledAt = entry.at
            if let here { stages[here]?.to = entry.at }
        case .opened, .planChanged, .baselinesFrozen, .requested, .resumed, .approved,
            .attested, .waived, .noticed, .raised, .delivered, .acknowledged:
            break
        }
    }

    private mutating func weigh(_ round: GateRound, _ verdict: Verdict) {
        lastVerdict = verdict
        guard let here else { return }
        stages[here]?.rounds += 1
        stages[here]?.verdict = verdict
        // The last reading of a criterion counts, as in the gate.
        let readings = Dictionary(round.readings.map { ($0.criterion, $0) }) { _, last in last }
        for finding in verdict.findings {
            let key = CriterionKey(phase: here.phase, criterion: finding.criterion)
            criteria[key, default: CriterionHistory()].add(
                finding,
                readings[finding.criterion],
                by: criteriaOfGate[finding.criterion],
                against: definition?.baselines[finding.criterion],
                at: round.at
            )
        }
    }

    private mutating func act(_ intent: Intent, _ outcome: StepOutcome, at moment: Moment) {
        if case .expose(let step) = intent.step {
            exposures.append(RolloutReport.ExposurePoint(at: moment, flag: step.flag, share: step.share))
        }
        if isUndoing {
            markUndone(by: intent)
        } else {
            stages[StageKey(phase: intent.phase, stage: StageName(rawValue: intent.step.name))]?.outcome = outcome
        }
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
        for key in criteria.keys where key.phase == phase { criteria[key]?.beginAnew() }
        lastVerdict = nil
        lastReason = nil
        here = nil
    }
}

/// The log lines of a ledger, waiting rounds folded together.
///
/// - Parameter entries: the ledger, in order.
/// - Returns: one line per event worth telling.
public func ledgerLog(of entries: [LedgerEntry]) -> [RolloutReport.LogLine] { LedgerHistory(entries).log.lines }

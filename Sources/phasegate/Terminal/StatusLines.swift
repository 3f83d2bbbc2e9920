import PhasegateCore

/// Where a rollout stands, in a few lines of at most 80 columns.
struct StatusLines {
    let lines: [String]

    /// Puts the lines together.
    ///
    /// - Parameters:
    ///   - state: the fold of the ledger.
    ///   - rollout: its name.
    ///   - argument: how the rollout was named on the command line, for what is to be typed next.
    init(_ state: RolloutState, rollout: RolloutName, argument: String) {
        let terminal = Terminal.standard
        guard state.opening != nil else {
            lines = ["\(rollout): not begun"]
            return
        }
        let tone: Terminal.Tone =
            switch state.status {
            case .running, .finished: .good
            case .held: .caution
            case .stopped, .rolledBack, .compensated, .frozen, .killed: .bad
            }
        var lines = ["\(rollout): \(terminal.styled(state.status.rawValue, tone))"]
        if let phase = state.phase, let stage = state.stage, state.status != .finished {
            lines.append("at      phase '\(phase)', stage '\(stage)'")
        }
        if let reason = state.restReason ?? state.lastDecision?.reason { lines.append("because \(harmless(reason))") }
        if let progress = state.gate, let verdict = progress.lastVerdict, !state.isAtRest {
            lines.append("gate    \(verdict.outcome.rawValue) in round \(progress.rounds)")
        }
        for (flag, share) in state.exposures.sorted(by: { $0.key < $1.key }) {
            lines.append("flag    \(flag) at \(share)")
        }
        lines += OutboxLines(state.outbox, rollout: argument).lines
        lines.append("ledger  \(state.sequence) entries, head \(state.head.prefix(16))")
        self.lines = lines
    }
}

/// The status for machines.
struct StatusDocument: Codable {
    let format: Int
    let rollout: RolloutName
    let status: String
    let phase: PhaseName?
    let stage: StageName?
    let verdict: GateOutcome?
    let reason: String?
    let exposures: [FlagKey: Double]
    let planDigest: String
    let entries: Int
    let head: String
    let lastAt: Moment?
    let alerts: [Alert]
    let undelivered: Int

    /// Something people were told of that still goes on.
    struct Alert: Codable {
        let episode: EpisodeKey
        let level: String
        let since: Moment
        let acknowledgeBy: Moment?
        let acknowledgedBy: String?
    }

    init(_ state: RolloutState, rollout: RolloutName) {
        format = 1
        self.rollout = rollout
        status = state.opening == nil ? "not-begun" : state.status.rawValue
        phase = state.phase
        stage = state.stage
        verdict = state.gate?.lastVerdict?.outcome
        reason = state.restReason ?? state.lastDecision?.reason
        exposures = state.exposures.mapValues(\.percent)
        planDigest = state.planDigest
        entries = state.sequence
        head = state.head
        lastAt = state.lastAt
        alerts = state.outbox.episodes.sorted { $0.key < $1.key }.map { key, episode in
            Alert(
                episode: key,
                level: episode.level,
                since: episode.startedAt,
                acknowledgeBy: episode.acknowledgeBy,
                acknowledgedBy: episode.acknowledgement?.by
            )
        }
        undelivered = state.outbox.pending.count
    }
}

public import PhasegateCore

/// Decides what people are told: opens an episode when something stands, repeats and passes it on while nobody
/// answers, and takes it back when it no longer stands.
///
/// A pure function of the state: the notices it wants are written to the ledger together with the events that
/// caused them, and delivered from there (see `NoticeDispatcher`). A crash in between loses none and doubles none.
public struct Alerting: Sendable {
    private let plan: NoticePlan
    private let writer: NoticeWriter
    /// Longest time between two repetitions.
    private static let longestRepeat = Duration.seconds(86_400)

    /// Makes the rules for a plan.
    ///
    /// - Parameters:
    ///   - plan: who is told of what, where and when.
    ///   - wording: writes a risk alert out, or refuses one with a gap.
    public init(plan: NoticePlan, wording: @escaping @Sendable (RiskAlert) throws -> NoticeWording) {
        self.plan = plan
        writer = NoticeWriter(wording: wording)
    }

    /// What is to be raised now.
    ///
    /// - Parameters:
    ///   - state: the fold of the ledger, events about to be written included.
    ///   - rollout: the plan.
    ///   - moment: now.
    /// - Returns: `raised` events; none when people know all there is.
    public func events(for state: RolloutState, of rollout: Rollout, at moment: Moment) -> [LedgerEvent] {
        guard state.opening != nil else { return [] }
        let router = Router(plan: plan, highest: rollout.register.grid.levels.last ?? "HIGH")
        var draft = Draft(state: state, rollout: rollout, moment: moment)
        let concerns = Concern.standing(in: state, of: rollout)
        for concern in concerns { raise(concern, router, &draft) }
        let standing = Set(concerns.map(\.key))
        for (key, episode) in state.outbox.episodes.sorted(by: { $0.key < $1.key }) where !standing.contains(key) {
            if episode.outlasts(state) {
                remind(key, episode, router, &draft)
            } else {
                resolve(key, episode, router, &draft)
            }
        }
        return draft.events
    }

    /// What is gathered while the concerns are gone through.
    private struct Draft {
        let state: RolloutState
        let rollout: Rollout
        let moment: Moment
        var events: [LedgerEvent] = []

        /// The identifier of the next notice; carries the opening's time, so that a ledger begun anew repeats none.
        var nextID: NoticeID {
            let opened = String(state.openedAt?.milliseconds ?? 0, radix: 36)
            return NoticeID(rawValue: "\(rollout.name).\(opened).\(state.outbox.raised + events.count + 1)")
        }
    }

    // MARK: Kinds of notices

    private func raise(_ concern: Concern, _ router: Router, _ draft: inout Draft) {
        let ladder = ladder(concern.level, concern.risk, draft.rollout)
        guard let episode = draft.state.outbox.episodes[concern.key] else {
            return fire(concern, .fired, "first notice", rung: 0, since: draft.moment, ladder, router, &draft)
        }
        if concern.level != episode.level {
            // The level is part of what receivers know an alert by: another level is another alert.
            resolve(concern.key, episode, router, &draft)
            let reason = "the level is \(concern.level) now, it was \(episode.level)"
            return fire(concern, .fired, reason, rung: 0, since: draft.moment, ladder, router, &draft)
        }
        if concern.standing != episode.standing {
            return fire(
                concern,
                .updated,
                "it is \(concern.standing) now",
                rung: episode.rung,
                since: episode.startedAt,
                of: episode,
                ladder,
                router,
                &draft
            )
        }
        guard episode.acknowledgement == nil else { return }
        if let end = episode.acknowledgeBy, draft.moment >= end, ladder.hasRung(after: episode.rung) {
            let rung = episode.rung + 1
            let reason = "nobody acknowledged it before \(end.forPeople) UTC"
            return fire(concern, .escalated, reason, rung: rung, since: episode.startedAt, ladder, router, &draft)
        }
        if draft.moment >= episode.heardAt + repetition(after: episode.repeats) {
            let reason = "it still stands and nobody has acknowledged it"
            fire(
                concern,
                .repeated,
                reason,
                rung: episode.rung,
                since: episode.startedAt,
                of: episode,
                ladder,
                router,
                &draft
            )
        }
    }

    /// When people have to hear something by time alone: who is next, or the same once more.
    ///
    /// - Parameters:
    ///   - state: the fold of the ledger.
    ///   - rollout: the plan.
    /// - Returns: nothing while nobody is waited for.
    public func nextTelling(for state: RolloutState, of rollout: Rollout) -> Moment? {
        let waiting = state.outbox.episodes.values.filter { $0.acknowledgement == nil }
        return waiting.map { episode in
            let again = episode.heardAt + repetition(after: episode.repeats)
            let ladder = ladder(episode.level, episode.risk, rollout)
            guard let end = episode.acknowledgeBy, ladder.hasRung(after: episode.rung) else { return again }
            return min(again, end)
        }.min()
    }

    /// An episode whose cause is gone for the moment, at a gate that has not opened since.
    private func remind(_ key: EpisodeKey, _ episode: Outbox.Episode, _ router: Router, _ draft: inout Draft) {
        guard let phase = episode.phase else { return }
        let concern = Concern(
            key: key,
            level: episode.level,
            phase: phase,
            stage: episode.stage,
            risk: episode.risk,
            criteria: episode.criteria,
            standing: episode.standing,
            status: "\(draft.state.status.rawValue) in phase '\(phase)': the gate has not opened since"
        )
        raise(concern, router, &draft)
    }

    private func fire(
        _ concern: Concern,
        _ kind: Notice.Kind,
        _ reason: String,
        rung number: Int,
        since startedAt: Moment,
        of episode: Outbox.Episode? = nil,
        _ ladder: EscalationLadder,
        _ router: Router,
        _ draft: inout Draft
    ) {
        let rung = ladder[number]
        let level = draft.rollout.register.grid.stricter(concern.level, rung.level)
        let assignments = router.assignments(
            level: level,
            phase: concern.phase,
            risk: concern.risk,
            direct: rung.channels,
            closed: draft.state.outbox.closed,
            at: draft.moment
        )
        // Nobody can answer what quiet hours hold back.
        let heardAt = assignments.map(\.dueAt).min() ?? draft.moment
        // The window of a rung begins once, however often it is told.
        let acknowledgeBy = episode.map(\.acknowledgeBy) ?? rung.window.map { heardAt + $0 }
        let answer = acknowledgeBy.flatMap { $0 > draft.moment ? $0 : nil }
        let repeats = kind == .repeated ? (episode?.repeats ?? 0) + 1 : 0
        let again = heardAt + repetition(after: repeats)
        let passedOn = ladder.hasRung(after: number) ? answer : nil
        let occasion = NoticeWriter.Occasion(
            id: draft.nextID,
            kind: kind,
            reason: reason,
            rung: number,
            audience: rung.audience,
            startedAt: startedAt,
            at: draft.moment,
            acknowledgeBy: acknowledgeBy,
            answerBy: answer,
            takenUpBy: episode?.acknowledgement?.by,
            nextUpdate: episode?.acknowledgement == nil ? min(passedOn ?? again, again) : nil
        )
        let notice = writer.notice(about: concern, on: occasion, of: draft.rollout, draft.state)
        draft.events.append(.raised(notice, to: assignments))
    }

    private func resolve(_ key: EpisodeKey, _ episode: Outbox.Episode, _ router: Router, _ draft: inout Draft) {
        let underWay = draft.state.outbox.channelsUnderWay(in: key)
        var channels: [ChannelName] = []
        for channel in episode.told + underWay where !channels.contains(channel) { channels.append(channel) }
        let concern = Concern(
            key: key,
            level: episode.level,
            phase: episode.phase ?? "",
            stage: episode.stage,
            risk: episode.risk,
            criteria: episode.criteria,
            standing: "resolved",
            status: "resolved: \(draft.state.standingSentence)"
        )
        let occasion = NoticeWriter.Occasion(
            id: draft.nextID,
            kind: .resolved,
            reason: draft.state.standingSentence,
            rung: episode.rung,
            audience: [],
            startedAt: episode.startedAt,
            at: draft.moment,
            acknowledgeBy: nil,
            answerBy: nil,
            takenUpBy: nil,
            nextUpdate: nil
        )
        let notice = writer.notice(about: concern, on: occasion, of: draft.rollout, draft.state)
        // Whoever was woken by it hears at once that it is over.
        let rung = ladder(episode.level, episode.risk, draft.rollout)[episode.rung]
        let level = draft.rollout.register.grid.stricter(episode.level, rung.level)
        let assignments = router.assignments(to: channels, level: level, at: draft.moment)
        draft.events.append(.raised(notice, to: assignments))
    }

    private func ladder(_ level: String, _ risk: RiskID?, _ rollout: Rollout) -> EscalationLadder {
        EscalationLadder(
            level: level,
            owner: rollout.register.risks.first { $0.id == risk }?.owner,
            register: rollout.register,
            plan: plan
        )
    }

    private func repetition(after repeats: Int) -> Duration {
        min(plan.repeatEvery * Int(1 << min(repeats, 16)), Self.longestRepeat)
    }
}

extension Outbox.Episode {
    /// Whether it goes on although its cause is gone.
    ///
    /// A gate that holds in one round and not in the next is one trouble, not many.
    fileprivate func outlasts(_ state: RolloutState) -> Bool {
        (state.status == .running || state.status == .held) && state.phase == phase && state.stage == stage
    }
}

extension RolloutState {
    /// Where things stand, for a notice that takes an earlier one back.
    fileprivate var standingSentence: String {
        switch status {
        case .running, .held:
            phase.map { "the rollout goes on in phase '\($0)'\(stage.map { ", stage '\($0)'" } ?? "")" }
                ?? "the rollout goes on"
        case .finished: "the rollout is finished"
        case .stopped, .rolledBack, .compensated, .frozen, .killed: "the rollout is \(status.rawValue)"
        }
    }
}

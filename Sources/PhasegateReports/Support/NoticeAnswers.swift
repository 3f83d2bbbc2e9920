import PhasegateCore

/// What became of the answers that notices ask for: one rule for every format and review.
///
/// A notice of an episode that was resolved after it needs no answer any more.
/// When that was is looked up per episode, so that a report of many notices
/// takes no longer than they are many.
struct NoticeAnswers {
    /// What became of one.
    enum Standing: Hashable {
        case notAskedFor
        case answered(Acknowledgement)
        case awaited(until: Moment)
        /// The matter was over before anybody answered.
        case resolvedWithoutAnswer(at: Moment)
    }

    /// When episodes were resolved, oldest first; one that begins anew is resolved more than once.
    private let resolutions: [EpisodeKey: [Moment]]

    init(_ notices: [RolloutReport.NoticeReport]) {
        var resolutions: [EpisodeKey: [Moment]] = [:]
        for notice in notices.lazy.map(\.notice) where notice.kind == .resolved {
            resolutions[notice.episode, default: []].append(notice.raisedAt)
        }
        self.resolutions = resolutions.mapValues { $0.sorted() }
    }

    /// When the episode of a notice was resolved, first after it was raised; nothing while it goes on.
    func resolution(after notice: Notice) -> Moment? {
        guard let moments = resolutions[notice.episode] else { return nil }
        let index = moments.firstIndexBySearch { $0 >= notice.raisedAt }
        return index < moments.endIndex ? moments[index] : nil
    }

    /// Whether a notice was answered, has to be, or need not be any more.
    func standing(of line: RolloutReport.NoticeReport) -> Standing {
        if let acknowledgement = line.acknowledgement { return .answered(acknowledgement) }
        guard let deadline = line.notice.acknowledgeBy else { return .notAskedFor }
        return resolution(after: line.notice).map { .resolvedWithoutAnswer(at: $0) } ?? .awaited(until: deadline)
    }

    /// Whether an answer was asked for and nobody gave one before the matter was resolved.
    func isUnanswered(_ line: RolloutReport.NoticeReport) -> Bool {
        if case .awaited = standing(of: line) { true } else { false }
    }
}

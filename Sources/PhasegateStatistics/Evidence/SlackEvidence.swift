/// Evidence that a rate is above, or below, `ratio` times the control's plus a slack (F7 of docs/statistics.md).
///
/// For a control with next to no events, where a ratio alone means nothing. For
/// every rate that the control may have, evidence of both arms is multiplied;
/// the weakest product counts. Assumes that both rates are constant as long as
/// this runs: begin anew at each change of the split.
public struct SlackEvidence: EProcess {
    private let ratioNumber: PositiveNumber
    private let slackShare: OpenShare
    /// Which claim this is evidence for.
    public let direction: Direction
    /// All that was counted in the candidate.
    public private(set) var candidate = ArmCounts.none
    /// All that was counted in the control.
    public private(set) var control = ArmCounts.none
    /// What happened to the evidence so far; its samples are the candidate's.
    public private(set) var course = EvidenceCourse()

    /// How many times the control's rate is allowed.
    public var ratio: Double { ratioNumber.value }
    /// What is allowed on top, as a rate.
    public var slack: Double { slackShare.value }

    /// No evidence yet.
    ///
    /// - Throws: `StatisticsError.notPositive` for the ratio, `shareOutOfRange` for the slack.
    public init(ratio: Double, slack: Double, direction: Direction) throws(StatisticsError) {
        ratioNumber = try PositiveNumber(ratio)
        slackShare = try OpenShare(slack)
        self.direction = direction
    }

    /// Enters one look.
    ///
    /// Some 50 microseconds, allocates nothing.
    ///
    /// - Throws: `StatisticsError.countTooLarge`, with nothing changed.
    public mutating func observe(_ look: LookCounts) throws(StatisticsError) {
        let candidate = try candidate.adding(look.candidate)
        control = try control.adding(look.control)
        self.candidate = candidate
        course.note(leastEvidence(), samples: candidate.trials)
    }

    /// The least over the control's rate, by golden section: the sum is convex in it.
    ///
    /// Eighty steps come as near to the least as numbers do, also where it lies at an end.
    private func leastEvidence() -> Double {
        let golden = 0.6180339887498949
        var low = 0.0
        var high = min(1, (1 - slack) / ratio)
        var least = Double.infinity
        var left = high - golden * (high - low)
        var right = low + golden * (high - low)
        var atLeft = evidence(at: left)
        var atRight = evidence(at: right)
        for _ in 0..<80 {
            if atLeft < atRight {
                high = right
                right = left
                atRight = atLeft
                left = high - golden * (high - low)
                atLeft = evidence(at: left)
            } else {
                low = left
                left = right
                atLeft = atRight
                right = low + golden * (high - low)
                atRight = evidence(at: right)
            }
            least = min(least, atLeft, atRight)
        }
        return least
    }

    private func evidence(at rate: Double) -> Double {
        let other: Direction =
            switch direction {
            case .above: .below
            case .below: .above
            }
        let allowed = min(1, ratio * rate + slack)
        return RateBets(limit: allowed, direction: direction)
            .logEvidence(events: candidate.events, trials: candidate.trials)
            + RateBets(limit: rate, direction: other).logEvidence(events: control.events, trials: control.trials)
    }
}

/// Evidence that a rate is above or below a fixed limit, as "errors at most 1 %" (F1 of docs/statistics.md).
///
/// Each bet is the likelihood ratio of the limit with its odds multiplied to
/// the limit itself. It holds also when the rate changes from trial to trial,
/// as long as each conditional rate keeps to the limit.
public struct RateEvidence: EProcess {
    private let limitShare: OpenShare
    /// Which claim this is evidence for.
    public let direction: Direction
    /// All that was counted.
    public private(set) var counts = ArmCounts.none
    /// What happened to the evidence so far.
    public private(set) var course = EvidenceCourse()
    private var mixture: EvidenceMixture

    /// The limit, strictly between 0 and 1.
    public var limit: Double { limitShare.value }

    /// No evidence yet.
    ///
    /// - Throws: `StatisticsError.shareOutOfRange` for a limit that is not strictly between 0 and 1.
    public init(
        limit: Double,
        direction: Direction,
        restarts: RestartSchedule = .none
    ) throws(StatisticsError) {
        limitShare = try OpenShare(limit)
        self.direction = direction
        mixture = EvidenceMixture(schedule: restarts)
    }

    /// Enters one look.
    ///
    /// Costs a few hundred nanoseconds and allocates nothing.
    ///
    /// - Throws: `StatisticsError.countTooLarge`, with nothing changed.
    public mutating func observe(_ look: ArmCounts) throws(StatisticsError) {
        counts = try counts.adding(look)
        mixture.beginLook()
        mixture.add(RateBets(limit: limit, direction: direction).gains(events: look.events, trials: look.trials))
        course.note(mixture.logEvidence, samples: counts.trials)
    }
}

/// What the bets on a rate win: a constant for each event and one for each trial.
struct RateBets {
    private let forEvent: SIMD16<Double>
    private let forTrial: SIMD16<Double>

    /// The limit is from 0 to 1, both included.
    init(limit: Double, direction: Direction) {
        forEvent = BettingGrid.steps(direction)
        forTrial = .logarithmsOfOnePlus(limit * BettingGrid.growth(direction))
    }

    func gains(events: Int, trials: Int) -> SIMD16<Double> {
        Double(events) * forEvent - Double(trials) * forTrial
    }

    /// ln E of so many events among so many trials, without restarts.
    func logEvidence(events: Int, trials: Int) -> Double { BettingGrid.mix(gains(events: events, trials: trials)) }
}

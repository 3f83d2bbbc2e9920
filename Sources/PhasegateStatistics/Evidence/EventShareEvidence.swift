/// Evidence that events are more, or less, than `ratio` times as frequent in the candidate as in the control (F3).
///
/// Given the events of both arms together, only the candidate's share of them
/// is bet on. The control's own rate need not be known and may change from look
/// to look in any way, with storms that hit both arms and with the time of day;
/// so may the split, at a step of the ramp. Holds for independent trials, or for
/// dependent ones whose arm was drawn for each trial apart. Where users stay in
/// their arm use `UserShareEvidence`.
public struct EventShareEvidence: EProcess {
    private let ratioNumber: PositiveNumber
    /// Which claim this is evidence for.
    public let direction: Direction
    /// All that was counted in the candidate.
    public private(set) var candidate = ArmCounts.none
    /// All that was counted in the control.
    public private(set) var control = ArmCounts.none
    /// What happened to the evidence so far; its samples are the candidate's.
    public private(set) var course = EvidenceCourse()
    private var mixture: EvidenceMixture

    /// How many times the control's rate the candidate's is held against.
    public var ratio: Double { ratioNumber.value }

    /// No evidence yet.
    ///
    /// - Throws: `StatisticsError.notPositive` for a ratio that is not positive and finite.
    public init(
        ratio: Double,
        direction: Direction,
        restarts: RestartSchedule = .none
    ) throws(StatisticsError) {
        ratioNumber = try PositiveNumber(ratio)
        self.direction = direction
        mixture = EvidenceMixture(schedule: restarts)
    }

    /// Enters one look; one with an arm missing adds nothing.
    ///
    /// Less than a microsecond, allocates nothing.
    ///
    /// - Throws: `StatisticsError.countTooLarge`, with nothing changed.
    public mutating func observe(_ look: LookCounts) throws(StatisticsError) {
        let candidate = try candidate.adding(look.candidate)
        control = try control.adding(look.control)
        self.candidate = candidate
        mixture.beginLook()
        mixture.add(Self.gains(look, ratio: ratio, direction: direction))
        course.note(mixture.logEvidence, samples: candidate.trials)
    }

    static func gains(_ look: LookCounts, ratio: Double, direction: Direction) -> SIMD16<Double> {
        // The formula gives 0 here as well, but for rounding.
        guard look.isComplete else { return .zero }
        let share = Double(look.candidate.trials) / Double(look.candidate.trials + look.control.trials)
        let expected = share * ratio / (1 - share + share * ratio)
        let events = Double(look.candidate.events + look.control.events)
        return Double(look.candidate.events) * BettingGrid.steps(direction)
            - events * .logarithmsOfOnePlus(expected * BettingGrid.growth(direction))
    }
}

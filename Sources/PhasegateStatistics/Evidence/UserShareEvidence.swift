/// The same claim as `EventShareEvidence`, with users as the units (F3u of docs/statistics.md).
///
/// For flags that keep a user in its arm: requests of one user are not
/// independent, and counting them one by one turned a level of 1 % into 44 %
/// in simulations. A user, or one user in one window of time, brings the share
/// of its requests that were events. Holds when users are independent and each
/// was drawn into its arm with the planned share.
public struct UserShareEvidence: EProcess {
    private let ratioNumber: PositiveNumber
    private let plannedShare: OpenShare
    /// Which claim this is evidence for.
    public let direction: Direction
    /// How many users of the candidate and of the control were seen.
    public private(set) var candidateUsers = 0, controlUsers = 0
    /// What happened to the evidence up to the last closed look; its samples are the candidate's users.
    public private(set) var course = EvidenceCourse()
    private var mixture: EvidenceMixture
    private var isInLook = false

    /// How many times the control's rate the candidate's is held against.
    public var ratio: Double { ratioNumber.value }
    /// The share of users who were to see the candidate.
    public var candidateShare: Double { plannedShare.value }

    /// No evidence yet.
    ///
    /// - Throws: `StatisticsError.notPositive` for the ratio, `shareOutOfRange` for the share.
    public init(
        ratio: Double,
        candidateShare: Double,
        direction: Direction,
        restarts: RestartSchedule = .none
    ) throws(StatisticsError) {
        ratioNumber = try PositiveNumber(ratio)
        plannedShare = try OpenShare(candidateShare)
        self.direction = direction
        mixture = EvidenceMixture(schedule: restarts)
    }

    /// Enters a user of the candidate.
    ///
    /// - Parameter eventShare: the share of its requests that were events, 0 to 1.
    /// - Throws: `StatisticsError.unknownValue` for any other number, with nothing changed.
    public mutating func observe(candidate eventShare: Double) throws(StatisticsError) {
        try add(eventShare, isCandidate: true)
        candidateUsers += 1
    }

    /// Enters a user of the control.
    ///
    /// - Parameter eventShare: the share of its requests that were events, 0 to 1.
    /// - Throws: `StatisticsError.unknownValue` for any other number, with nothing changed.
    public mutating func observe(control eventShare: Double) throws(StatisticsError) {
        try add(eventShare, isCandidate: false)
        controlUsers += 1
    }

    /// Closes the look; only now the evidence of its users shows.
    public mutating func closeLook() {
        if !isInLook { mixture.beginLook() }
        isInLook = false
        course.note(mixture.logEvidence, samples: candidateUsers)
    }

    private mutating func add(_ eventShare: Double, isCandidate: Bool) throws(StatisticsError) {
        guard eventShare >= 0, eventShare <= 1 else { throw .unknownValue }
        guard candidateUsers < largestCount, controlUsers < largestCount else { throw .countTooLarge }
        if !isInLook { mixture.beginLook() }
        isInLook = true
        // Most users have no event, and they move nothing.
        guard eventShare > 0 else { return }
        let growth = isCandidate ? factors.candidate : factors.control
        mixture.add(.logarithmsOfOnePlus(eventShare * growth))
    }

    /// a - 1 and D - 1 of the formula.
    private var factors: (candidate: SIMD16<Double>, control: SIMD16<Double>) {
        let growth = BettingGrid.growth(direction)
        let expected = candidateShare * ratio / (1 - candidateShare + candidateShare * ratio)
        let shrunk = 1 / (1 + expected * growth)
        return ((1 + growth) * shrunk - 1, shrunk - 1)
    }
}

import PhasegateCore
import PhasegateStatistics

/// How one criterion is judged within one step of a ramp.
///
/// What comes in is collected and judged when the look is closed. Where users
/// are the units, requests are counted in a tally for each user, which is
/// entered when the user's time is over.
protocol Gauge: Sendable {
    /// Whether users are its units.
    var countsUsers: Bool { get }
    /// Why counts of requests say nothing to it, as a sentence part; nothing where they do.
    var cannotReadCounts: String? { get }
    /// Takes a request that is judged by itself.
    mutating func add(_ observation: Observation)
    /// Takes a request that is not judged, to learn what is usual: of a burn-in, or of a user that is judged as a whole.
    mutating func follow(_ observation: Observation)
    /// Takes counts of one arm; one that they say nothing to leaves them alone.
    ///
    /// - Parameters:
    ///   - counts: of one arm.
    ///   - isJudged: whether they are judged, or only followed.
    mutating func add(_ counts: CountedObservations, isJudged: Bool)
    /// Counts a request of a user.
    func count(_ observation: Observation, in tally: inout UserTally)
    /// Takes a user whose time is over.
    mutating func enter(_ tally: UserTally, of arm: Arm)
    /// Judges what came in since the look before.
    mutating func closeLook()
    /// The largest ln E there was of the claim that the criterion is violated; nothing where no such claim is tested.
    var peakFailEvidence: Double? { get }
    /// Where the criterion stands; takes a millisecond or so, for reports.
    func standing() -> GaugeStanding
}

/// What a gauge has counted of one user.
struct UserTally: Sendable {
    /// Its latencies against the control's.
    var latency = UserLatencyGate.Tally()
    /// Its requests that count, and how many of them were events.
    var trials = 0
    var events = 0
    /// Whether the first of them was one.
    var firstIsEvent = false
    /// The sum of its scores.
    var scores = 0.0
}

/// Where a criterion stands, as far as its gauge knows.
struct GaugeStanding {
    /// The estimate, and how sure it is.
    var estimate: Quantity?
    var interval: Measurement.Interval?
    /// The evidence for either claim; nothing for a value that is only shown.
    var failing: (any EProcess)?
    var passing: (any EProcess)?
    /// Units that were judged.
    var candidate = 0
    var control = 0
    /// What else is worth knowing.
    var notes: [String] = []
    /// Why nothing can be judged, as a sentence part.
    var blindness: String?
    /// Whether that is so however long one waits.
    var isBlindForGood = false
}

/// The level of the intervals that are shown: of each bound, at all looks together.
let shownLevel = 0.05

/// What a gauge has no use for, it need not say.
extension Gauge {
    var countsUsers: Bool { false }

    var cannotReadCounts: String? {
        countsUsers ? "its source does not say which user a request was of" : nil
    }

    mutating func add(_ observation: Observation) {}

    mutating func follow(_ observation: Observation) {}

    mutating func add(_ counts: CountedObservations, isJudged: Bool) {}

    func count(_ observation: Observation, in tally: inout UserTally) {}

    mutating func enter(_ tally: UserTally, of arm: Arm) {}

    mutating func closeLook() {}
}

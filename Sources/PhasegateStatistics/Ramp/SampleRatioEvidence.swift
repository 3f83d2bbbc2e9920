/// Evidence that users do not reach the arms in the planned shares (F10 of docs/statistics.md).
///
/// A Dirichlet prior around the plan against the plan itself. It runs on over
/// all steps of a ramp. Count each *user* once, at its first exposure in the
/// step and before anything can drop it; never requests.
public struct SampleRatioEvidence: EProcess {
    private let concentrationNumber: PositiveNumber
    private var shares: [OpenShare]
    /// Users of the present step in each arm.
    public private(set) var counts: [Int]
    /// ln B of the steps that are over.
    private var earlierSteps = 0.0
    private var earlierSamples = 0
    /// What happened to the evidence so far; its samples are the users of all arms.
    public private(set) var course = EvidenceCourse()

    /// What share of the users is planned for each arm.
    public var plannedShares: [Double] { shares.map(\.value) }

    /// No evidence yet.
    ///
    /// - Parameters:
    ///   - shares: planned for each arm, together 1.
    ///   - concentration: how near to the plan deviations are looked for; larger finds smaller ones later. 100.
    /// - Throws: `StatisticsError.malformedList`, `shareOutOfRange` or `notPositive`.
    public init(shares: [Double], concentration: Double = 100) throws(StatisticsError) {
        concentrationNumber = try PositiveNumber(concentration)
        self.shares = try Self.checked(shares)
        counts = [Int](repeating: 0, count: shares.count)
    }

    /// Enters the users of one look, of all arms at once, in addition to those before.
    ///
    /// At once, because whoever looks between one arm and the next sees them come one-sidedly.
    /// Less than a microsecond, allocates nothing.
    ///
    /// - Parameter users: how many were exposed for the first time, by arm.
    /// - Throws: `StatisticsError.malformedList`, `impossibleCounts` or `countTooLarge`, with nothing changed.
    public mutating func observe(_ users: [Int]) throws(StatisticsError) {
        guard users.count == counts.count else { throw .malformedList }
        var total = course.samples
        for arm in users {
            guard arm >= 0 else { throw .impossibleCounts }
            guard arm <= largestCount - total else { throw .countTooLarge }
            total += arm
        }
        for arm in counts.indices { counts[arm] += users[arm] }
        course.note(earlierSteps + ofThisStep(), samples: total)
    }

    /// Goes on with the shares of the next step; what was found before counts on.
    ///
    /// - Throws: `StatisticsError.malformedList` or `shareOutOfRange`, with nothing changed.
    public mutating func beginStep(shares: [Double]) throws(StatisticsError) {
        let next = try Self.checked(shares)
        earlierSteps += ofThisStep()
        earlierSamples = course.samples
        self.shares = next
        counts = [Int](repeating: 0, count: next.count)
    }

    private func ofThisStep() -> Double {
        let concentration = concentrationNumber.value
        var users = 0.0
        var sum = 0.0
        for (share, count) in zip(shares, counts) {
            let number = Double(count)
            let prior = concentration * share.value
            users += number
            sum += logarithmOfGamma(prior + number) - logarithmOfGamma(prior) - number * logarithm(share.value)
        }
        return sum + logarithmOfGamma(concentration) - logarithmOfGamma(concentration + users)
    }

    private static func checked(_ shares: [Double]) throws(StatisticsError) -> [OpenShare] {
        guard (2...100).contains(shares.count), abs(shares.reduce(0, +) - 1) < 1e-9 else { throw .malformedList }
        var checked: [OpenShare] = []
        for share in shares { checked.append(try OpenShare(share)) }
        return checked
    }
}

extension SampleRatioEvidence {
    private enum CodingKeys: String, CodingKey {
        case concentrationNumber = "concentration"
        case shares, counts, earlierSteps, earlierSamples, course
    }

    /// Reads evidence back.
    ///
    /// - Throws: `StatisticsError` for what could not have been made.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        concentrationNumber = try container.decode(PositiveNumber.self, forKey: .concentrationNumber)
        shares = try Self.checked(container.decode([Double].self, forKey: .shares))
        counts = try container.decode([Int].self, forKey: .counts)
        earlierSteps = try container.decode(Double.self, forKey: .earlierSteps)
        earlierSamples = try container.decode(Int.self, forKey: .earlierSamples)
        course = try container.decode(EvidenceCourse.self, forKey: .course)
        var total = try ArmCounts(events: 0, trials: earlierSamples)
        for count in counts { total = try total.adding(ArmCounts(events: 0, trials: count)) }
        guard counts.count == shares.count, total.trials == course.samples, earlierSteps.isFinite else {
            throw StatisticsError.impossibleState
        }
    }
}

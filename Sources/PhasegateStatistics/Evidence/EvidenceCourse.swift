/// How ln E went, in fixed space: its value, its peak, and enough points to see its pace.
public struct EvidenceCourse: Hashable, Sendable {
    /// ln E now; 0 before the first look.
    public private(set) var logEvidence = 0.0
    /// The largest ln E there was.
    public private(set) var peakLogEvidence = 0.0
    /// How many samples were looked at: the candidate's requests, users, queries.
    public private(set) var samples = 0
    /// Up to sixteen earlier looks, evenly spread; every second one is dropped when they are full.
    private var pointSamples = SIMD16<Double>()
    private var pointEvidence = SIMD16<Double>()
    private var points = 1
    private var stride = 1
    private var looks = 0

    init() {}

    /// Enters the state after a look.
    mutating func note(_ logEvidence: Double, samples: Int) {
        self.logEvidence = logEvidence
        peakLogEvidence = max(peakLogEvidence, logEvidence)
        self.samples = samples
        looks += 1
        guard looks.isMultiple(of: stride) else { return }
        if points == 16 {
            for index in 0..<8 {
                pointSamples[index] = pointSamples[2 * index]
                pointEvidence[index] = pointEvidence[2 * index]
            }
            points = 8
            stride *= 2
            guard looks.isMultiple(of: stride) else { return }
        }
        pointSamples[points] = Double(samples)
        pointEvidence[points] = logEvidence
        points += 1
    }

    /// Growth of ln E for each sample over the last half of the samples.
    public var growthPerSample: Double {
        let half = Double(samples) / 2
        guard half > 0 else { return 0 }
        // Between the point before the half and what follows it, by a straight line.
        var before = 0
        while before + 1 < points, pointSamples[before + 1] <= half { before += 1 }
        let isLast = before + 1 == points
        let laterSamples = isLast ? Double(samples) : pointSamples[before + 1]
        let laterEvidence = isLast ? logEvidence : pointEvidence[before + 1]
        let share = (half - pointSamples[before]) / (laterSamples - pointSamples[before])
        let atHalf = pointEvidence[before] + share * (laterEvidence - pointEvidence[before])
        return (logEvidence - atHalf) / half
    }

    /// How many samples further it takes to reach ln(1/level), at the pace of the last half.
    ///
    /// - Returns: 0 when it is reached; nothing when the evidence does not grow or the level is none.
    public func samplesToDecide(at level: Double) -> Double? {
        let missing = threshold(at: level) - logEvidence
        if missing <= 0 { return 0 }
        let growth = growthPerSample
        guard growth > 0, missing < .infinity else { return nil }
        return (missing / growth).rounded(.up)
    }
}

extension EvidenceCourse: Codable {
    private enum CodingKeys: String, CodingKey {
        case logEvidence, peakLogEvidence, samples, pointSamples, pointEvidence, points, stride, looks
    }

    /// Reads a course back.
    ///
    /// - Throws: `StatisticsError.impossibleState` for numbers that no looks can lead to.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        logEvidence = try container.decode(Double.self, forKey: .logEvidence)
        peakLogEvidence = try container.decode(Double.self, forKey: .peakLogEvidence)
        samples = try container.decode(Int.self, forKey: .samples)
        pointSamples = try container.decode(SIMD16<Double>.self, forKey: .pointSamples)
        pointEvidence = try container.decode(SIMD16<Double>.self, forKey: .pointEvidence)
        points = try container.decode(Int.self, forKey: .points)
        stride = try container.decode(Int.self, forKey: .stride)
        looks = try container.decode(Int.self, forKey: .looks)
        guard logEvidence.isFinite, peakLogEvidence.isFinite, peakLogEvidence >= max(0, logEvidence),
            (0...largestCount).contains(samples), pointSamples.isFinite, pointEvidence.isFinite,
            (1...16).contains(points), (1...largestCount).contains(stride), (0...largestCount).contains(looks)
        else { throw StatisticsError.impossibleState }
        // The pace divides by distances between points.
        for index in 1..<points where pointSamples[index] < pointSamples[index - 1] {
            throw StatisticsError.impossibleState
        }
    }
}

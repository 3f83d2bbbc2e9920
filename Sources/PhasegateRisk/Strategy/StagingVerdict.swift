public import PhasegateCore

/// What staged exposure costs and saves; money in the model's currency.
public struct StagingVerdict: Hashable, Codable, Sendable {
    /// One kind of defect.
    public struct DefectClass: Hashable, Codable, Sendable {
        /// Its name.
        public let name: String
        /// How many of the defects are of this kind, in percent.
        public let percent: Double
        /// What a defect costs when all are exposed at once.
        public let allAtOnce: Double
        /// What it costs step by step.
        public let staged: Double
    }

    /// How long a step has to be watched at least.
    public struct Soak: Hashable, Codable, Sendable {
        /// The step.
        public let share: BasisPoints
        /// Minutes until a defect has been noticed with a chance of 95 %.
        public let minutes: Double
        /// Whether the soak that is planned is as long.
        public let isLongEnough: Bool
    }

    /// By kind of defect.
    public let classes: [DefectClass]
    /// What a defect costs when all are exposed at once.
    public let allAtOnce: Double
    /// What it costs step by step.
    public let staged: Double
    /// What is saved with each change, by the chance that it has a defect and less what coordination costs.
    public let saving: Double
    /// Hours that the steps take longer.
    public let addedHours: Double
    /// The cost of an hour of delay at which staging no longer pays; nothing where it takes no longer.
    public let breakEvenDelay: Double?
    /// Each step but the last.
    public let soaks: [Soak]

    /// Whether staging pays as long as delay costs nothing.
    public var favoursStaging: Bool { saving > 0 }
}

/// Reckons what staged exposure costs and saves, in closed form but for one integral over when a defect begins.
///
/// A defect at exposure e leaves l·v·e signs a minute. It is noticed when n have
/// come and the time until the next look is over; then it costs e for as long
/// as it takes to respond and to recover. One that is not noticed within a
/// soak has cost e for the whole of it and goes on in the next step.
///
/// - Parameter model: the model.
/// - Returns: the verdict.
public func weigh(_ model: StagingModel) -> StagingVerdict {
    let harm = StagedHarm(model)
    let classes = model.classes.map { kind in
        StagingVerdict.DefectClass(
            name: kind.name,
            percent: kind.percent,
            allAtOnce: harm.allAtOnce,
            staged: harm.staged(kind)
        )
    }
    let allAtOnce = classes.reduce(0) { $0 + $1.percent / 100 * $1.allAtOnce }
    let staged = classes.reduce(0) { $0 + $1.percent / 100 * $1.staged }
    let saving = model.defectPercent / 100 * (allAtOnce - staged) - model.coordination
    let addedHours = model.soakMinutes * Double(max(0, model.steps.count - 1)) / 60
    return StagingVerdict(
        classes: classes,
        allAtOnce: allAtOnce,
        staged: staged,
        saving: saving,
        addedHours: addedHours,
        breakEvenDelay: addedHours > 0 ? saving / addedHours : nil,
        soaks: model.steps.dropLast().map { step in
            let minutes = harm.minimumSoak(at: Double(step.rawValue) / 10_000)
            return StagingVerdict.Soak(share: step, minutes: minutes, isLongEnough: model.soakMinutes >= minutes)
        }
    )
}

/// The harm of one defect.
private struct StagedHarm {
    private let model: StagingModel
    private let perMinute: Double
    private let lag: Spread
    /// Mean minutes from being noticed to the end.
    private let afterwards: Double

    /// Points of the integrals; the integrands are smooth.
    private static let points = 200

    init(_ model: StagingModel) {
        self.model = model
        perMinute = model.perHour.mean / 60
        lag = model.stages.detect ?? .exactly(0)
        afterwards = (model.stages.respond?.mean ?? 0) + (model.stages.recover?.mean ?? 0)
    }

    private func wait(at share: Double) -> Erlang {
        Erlang(count: model.signs, rate: model.operationsPerMinute * model.visibility * share)
    }

    var allAtOnce: Double { perMinute * (lag.mean + wait(at: 1).mean + afterwards) }

    func minimumSoak(at share: Double) -> Double { lag.high + wait(at: share).quantile95 }

    func staged(_ kind: StagingModel.DefectClass) -> Double {
        if kind.needsFullLoad { return allAtOnce }
        guard kind.onsetMinutes > 0 else { return staged(from: 0) }
        // The middle of each interval; harm has a step where a soak ends.
        let count = 24 * Self.points
        return (0..<count).reduce(0) { sum, number in
            sum + staged(from: kind.onsetMinutes * (Double(number) + 0.5) / Double(count))
        } / Double(count)
    }

    /// From when a defect begins, in minutes since the first step.
    private func staged(from onset: Double) -> Double {
        var harm = 0.0
        var isUnnoticed = 1.0
        for (number, step) in model.steps.enumerated() {
            let share = Double(step.rawValue) / 10_000
            guard number < model.steps.count - 1 else {
                harm += isUnnoticed * perMinute * share * (lag.mean + wait(at: share).mean + afterwards)
                break
            }
            let left = model.soakMinutes * Double(number + 1) - onset
            guard left > 0 else { continue }
            let (minutes, missed) = watched(for: min(left, model.soakMinutes), at: share)
            harm += isUnnoticed * perMinute * share * (minutes + (1 - missed) * afterwards)
            isUnnoticed *= missed
        }
        return harm
    }

    /// Mean minutes until a defect is noticed or the time is over, and the chance that it is not noticed.
    private func watched(for time: Double, at share: Double) -> (minutes: Double, missed: Double) {
        let wait = wait(at: share)
        let (low, high) = (lag.low, lag.high)
        var minutes = 0.0
        var missed = 0.0
        for number in 0..<Self.points {
            let late = low + (high - low) * (Double(number) + 0.5) / Double(Self.points)
            let rest = time - late
            minutes += rest > 0 ? late + wait.mean(cutAt: rest) : time
            missed += rest > 0 ? wait.chance(beyond: rest) : 1
        }
        return (minutes / Double(Self.points), missed / Double(Self.points))
    }
}

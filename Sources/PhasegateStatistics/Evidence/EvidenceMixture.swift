/// The capital of all bets, with restarts (F4 of docs/statistics.md).
///
/// Sixteen numbers whatever the number of restarts: capital that starts later
/// is simply added to the same bets.
struct EvidenceMixture: Hashable, Sendable {
    let schedule: RestartSchedule
    /// ln of each bet's capital; that of the cash follows from the restarts.
    private var capital: SIMD16<Double>
    private(set) var looks = 0

    init(schedule: RestartSchedule) {
        self.schedule = schedule
        capital = SIMD16(repeating: logarithm(schedule.initialShare))
    }

    /// How many restarts there were.
    private var restarts: Int { looks == 0 ? 0 : min(schedule.count, (looks - 1) / schedule.every) }

    /// Begins a look; capital whose time has come joins before it.
    mutating func beginLook() {
        let before = restarts
        looks += 1
        guard restarts > before else { return }
        let joining = logarithm(schedule.shareOfRestart)
        for index in 0..<16 { capital[index] = logarithmOfSum(capital[index], joining) }
    }

    /// Adds what each bet won in the present look, as logarithms.
    mutating func add(_ gains: SIMD16<Double>) { capital += gains }

    /// ln E.
    var logEvidence: Double {
        guard schedule.count > 0 else { return BettingGrid.mix(capital) }
        let started = schedule.initialShare + Double(restarts) * schedule.shareOfRestart
        let running = BettingGrid.mix(capital, cash: logarithm(started))
        let waiting = Double(schedule.count - restarts) * schedule.shareOfRestart
        return waiting > 0 ? logarithmOfSum(running, logarithm(waiting)) : running
    }
}

extension EvidenceMixture: Codable {
    private enum CodingKeys: String, CodingKey { case schedule, capital, looks }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        schedule = try container.decode(RestartSchedule.self, forKey: .schedule)
        capital = try container.decode(SIMD16<Double>.self, forKey: .capital)
        looks = try container.decode(Int.self, forKey: .looks)
        guard capital.isFinite, (0...largestCount).contains(looks) else { throw StatisticsError.impossibleState }
    }
}

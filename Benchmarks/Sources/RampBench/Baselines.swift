import PhasegateStatistics

/// What is often written by hand: once a second, the p95 of the last two seconds against 1.2 times the control's.
struct NaiveWindow {
    private var lastSecond = LatencyLook()
    private var thisSecond = LatencyLook()
    private var looks = 0
    private(set) var hasFired = false

    mutating func observe(_ look: LatencyLook) {
        guard !hasFired else { return }
        thisSecond.candidate.add(look.candidate)
        thisSecond.control.add(look.control)
        looks += 1
        guard looks.isMultiple(of: Scenario.looksPerSecond) else { return }
        lastSecond.candidate.add(thisSecond.candidate)
        lastSecond.control.add(thisSecond.control)
        if looks > Scenario.looksPerSecond, let candidate = lastSecond.candidate.quantile(0.95),
            let control = lastSecond.control.quantile(0.95)
        {
            hasFired = candidate > 1.2 * control
        }
        swap(&lastSecond, &thisSecond)
        thisSecond.clear()
    }
}

/// Kayenta's rule with its defaults on one p95 for each five seconds, asked again at each point from the fifth.
///
/// Mann-Whitney's test on the points of both arms: the shift of Hodges and
/// Lehmann with its interval of 98 % by the normal approximation. High when the
/// lower end lies above a quarter of the shift and the means are in a ratio of
/// at least `allowedIncrease` (NetflixACAJudge: tolerance 0.25, confidence
/// 0.98, allowed increase 1.0).
struct KayentaRule {
    private let allowedIncrease: Double
    private var sinceLastPoint = LatencyLook()
    private var candidate: [Double] = [], control: [Double] = []
    private var looks = 0
    private(set) var hasFired = false

    init(allowedIncrease: Double = 1) { self.allowedIncrease = allowedIncrease }

    mutating func observe(_ look: LatencyLook) {
        guard !hasFired else { return }
        sinceLastPoint.candidate.add(look.candidate)
        sinceLastPoint.control.add(look.control)
        looks += 1
        guard looks.isMultiple(of: 5 * Scenario.looksPerSecond) else { return }
        if let candidate = sinceLastPoint.candidate.quantile(0.95), let control = sinceLastPoint.control.quantile(0.95)
        {
            self.candidate.append(candidate)
            self.control.append(control)
        }
        sinceLastPoint.clear()
        if candidate.count >= 5 { judge() }
    }

    private mutating func judge() {
        var shifts = candidate.flatMap { one in control.map { one - $0 } }
        shifts.sort()
        let count = Double(candidate.count)
        let deviation = (count * count * (2 * count + 1) / 12).squareRoot()
        let rank = max(1, Int(count * count / 2 - 2.3263478740408408 * deviation))
        let estimate = (shifts[(shifts.count - 1) / 2] + shifts[shifts.count / 2]) / 2
        let effect = candidate.reduce(0, +) / control.reduce(0, +)
        hasFired = shifts[rank - 1] > 0.25 * abs(estimate) && effect >= allowedIncrease
    }
}

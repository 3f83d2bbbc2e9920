import PhasegateCore
import PhasegateStatistics
import Testing

@testable import PhasegateObservations

/// Requests as a small application would serve them, the same in every run.
struct Traffic {
    /// How one arm answers.
    struct Behaviour {
        /// The median latency in milliseconds.
        var median = 20.0
        /// The share of requests that fail.
        var errors = 0.0
    }

    var generator = SeededGenerator(seed: 42)
    var users = 20_000
    /// The share of users who are served with the change.
    var share = 0.05
    var candidate = Behaviour()
    var control = Behaviour()

    /// One request of some user.
    mutating func next() -> Observation {
        let number = Int.random(in: 0..<users, using: &generator)
        // Which user sees the change is drawn once, as a flag does.
        var draw = SeededGenerator(seed: UInt64(number) &* 7919 &+ 17)
        let arm: Arm = Double.random(in: 0..<1, using: &draw) < share ? .candidate : .control
        return request(of: "user-\(number)", in: arm)
    }

    /// One request of a user in an arm.
    mutating func request(of user: String?, in arm: Arm) -> Observation {
        let behaviour = arm == .candidate ? candidate : control
        // Twelve evenly distributed numbers less six are nearly normal.
        let normal = (0..<12).reduce(-6.0) { sum, _ in sum + Double.random(in: 0..<1, using: &generator) }
        let milliseconds = behaviour.median * exponentialOf(0.6 * normal)
        return Observation(
            arm: arm,
            user: user.flatMap { Observation.User($0) },
            microseconds: milliseconds * 1000,
            isError: Double.random(in: 0..<1, using: &generator) < behaviour.errors
        )
    }

    private func exponentialOf(_ exponent: Double) -> Double {
        var term = 1.0
        var sum = 1.0
        for number in 1...60 {
            term *= exponent / Double(number)
            sum += term
        }
        return sum
    }
}

/// A step of a ramp in the time of a test.
struct Trial {
    var judge: StepJudge
    var now = Duration.zero
    /// When harm was shown first.
    private(set) var alarmAt: Duration?

    init(_ plan: StepPlan) throws { judge = try StepJudge(plan) }

    /// Lets a time pass with so many requests a second.
    mutating func run(_ traffic: inout Traffic, for duration: Duration, rate: Double = 500) {
        let look = judge.plan.observation.look
        let end = now + duration
        var due = 0.0
        while now < end {
            now += look
            due += rate * (look / .seconds(1))
            var batch: [Observation] = []
            while due >= 1 {
                batch.append(traffic.next())
                due -= 1
            }
            feed(.requests(batch))
        }
    }

    /// Hands over a batch and closes the look where one is due.
    mutating func feed(_ batch: ObservationBatch) {
        judge.take(batch, at: now)
        if judge.isLookDue(at: now), judge.closeLook(at: now), alarmAt == nil { alarmAt = now }
    }

    func evidence(_ name: CriterionName) -> SequentialEvidence? {
        judge.measurement(of: name, at: now, source: "the test")?.evidence
    }

    /// The estimate of a criterion.
    func ratio(_ name: CriterionName) -> Double? {
        judge.measurement(of: name, at: now, source: "the test")?.parts.first?.quantity.number
    }

    func notes(_ name: CriterionName) -> [String] {
        judge.measurement(of: name, at: now, source: "the test")?.notes ?? []
    }
}

/// Plans of steps for tests.
enum Steps {
    static let p95 = Criterion(
        name: "p95",
        role: .guarding,
        probe: Criterion.ProbeSpec(kind: "observed-latency", settings: .map([:])),
        bounds: Criterion.Bounds(
            demand: Bound(.atMost, .control(times: 1.2, plusPercent: 0)),
            failure: Bound(.greater, .control(times: 1.1, plusPercent: 0))
        ),
        comparison: .control
    )

    static let errors = Criterion(
        name: "errors",
        role: .guarding,
        probe: Criterion.ProbeSpec(kind: "observed-share", settings: .map(["of": .text("errors")])),
        bounds: Criterion.Bounds(
            demand: Bound(.atMost, .value(Quantity(1, .percent))),
            failure: Bound(.greater, .value(Quantity(1, .percent)))
        ),
        comparison: .limit
    )

    static func errorsAgainstControl(plusPercent slack: Double) -> Criterion {
        Criterion(
            name: "errors-against-control",
            role: .guarding,
            probe: errors.probe,
            bounds: Criterion.Bounds(
                demand: Bound(.atMost, .control(times: 1.2, plusPercent: slack)),
                failure: Bound(.greater, .control(times: 1.1, plusPercent: slack))
            ),
            comparison: .control
        )
    }

    /// A step at a share, with the others before and after it.
    static func plan(
        _ criteria: [Criterion] = [p95, errors],
        share: Double = 5,
        unit: ObservationPlan.Unit = .user,
        burnIn: Duration = .seconds(10),
        checksAssignment: Bool = true,
        beginning: Int = 1
    ) throws -> StepPlan {
        let observation = ObservationPlan(
            source: ObservationPlan.Source(kind: "test", settings: .map([:])),
            unit: unit,
            userWindow: .seconds(5),
            burnIn: burnIn,
            checksAssignment: checksAssignment
        )
        let phase = Phase(
            name: "change",
            title: "Change",
            criteria: criteria,
            ramp: Ramp(
                flag: "flag",
                steps: [5, 25, 50, 100].map { BasisPoints(rawValue: $0 * 100) },
                soak: .seconds(60),
                observation: observation
            )
        )
        let gate = try #require(
            phase.gates.first { $0.position == .exposed(BasisPoints(rawValue: Int(share * 100))) }
        )
        return try StepPlan(gate: gate, of: phase, observation, beginning: beginning)
    }
}

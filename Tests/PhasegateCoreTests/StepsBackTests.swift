import PhasegateCore
import PhasegateTesting
import Testing

@Suite("Taking a phase back")
struct StepsBackTests {
    private let phase = makePhase(
        "reads",
        migrations: [3, 4, 5],
        compensation: [9, 10],
        ramp: makeRamp("fast-reads", [5, 25, 100])
    )

    /// The first steps of the phase, as far as they were done.
    private func done(_ count: Int) -> [Step] {
        Array(phase.stages.compactMap { if case .act(let step) = $0 { step } else { nil } }.prefix(count))
    }

    @Test("exposure goes to nobody first, then health is proven, then migrations go in reverse order")
    func rollback() {
        let steps = phase.stepsBack(from: done(5), action: .rollback)
        #expect(steps.map(\.name) == ["expose-0%", "health-of-main", "rollback-5", "rollback-4", "rollback-3"])
    }

    @Test("only what was done is taken back")
    func partly() {
        #expect(
            phase.stepsBack(from: done(2), action: .rollback).map(\.name) == [
                "health-of-main", "rollback-4", "rollback-3",
            ]
        )
        #expect(phase.stepsBack(from: [], action: .rollback).isEmpty)
    }

    @Test("a compensation goes forward and leaves the migrations")
    func compensate() {
        let steps = phase.stepsBack(from: done(4), action: .compensate)
        #expect(steps.map(\.name) == ["expose-0%", "health-of-main", "migration-9", "migration-10"])
    }

    @Test("a phase that only exposes needs no database")
    func exposureOnly() {
        let ramp = makePhase("ramp", ramp: makeRamp("fast-reads", [50]))
        let step = Step.expose(ExposureStep(flag: "fast-reads", share: BasisPoints(rawValue: 5000)))
        #expect(ramp.stepsBack(from: [step], action: .rollback).map(\.name) == ["expose-0%"])
    }

    @Test("any other action undoes nothing", arguments: [Decision.Action.freeze, .hold, .stop, .wait, .advance])
    func nothing(action: Decision.Action) {
        #expect(phase.stepsBack(from: done(5), action: action).isEmpty)
    }
}

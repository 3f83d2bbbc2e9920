import PhasegateControl
import PhasegateCore
import PhasegateTesting

/// The rollouts the tests drive, and the evidence that lets them through.
enum Plans {
    static let flag: FlagKey = "fast-reads"

    /// Two phases: a migration alone, then a migration with a ramp under guard.
    static func twoPhases(
        reversibility: Reversibility = .reversible,
        clock: GateClock = GateClock(interval: .seconds(10), steady: .seconds(20), timeout: .seconds(600)),
        approvals: Int = 0,
        confirm: Int = 1,
        risks: [RiskID] = [],
        guardRisks: [RiskID]? = nil,
        slowest: String = "> 100 ms",
        register: RiskRegister = .empty,
        notices: NoticePlan = .byDefault
    ) throws -> Rollout {
        let schema = makePhase(
            "schema",
            clock: clock,
            criteria: [
                try makeCriterion("backup", .precondition, demand: "verified", probe: "backup"),
                try makeCriterion("kept", .success, demand: "= baseline", probe: "row-count"),
            ],
            migrations: [1]
        )
        let reads = makePhase(
            "reads",
            needs: ["schema"],
            reversibility: reversibility,
            risks: risks,
            clock: clock,
            criteria: [
                try makeCriterion("disk", .precondition, demand: ">= 10 %"),
                try makeCriterion("errors", .guarding, fail: "> 1 %", risks: guardRisks ?? risks, confirm: confirm),
                try makeCriterion("corruption", .kill, demand: "= 0 rows"),
                try makeCriterion("p95", .success, fail: slowest, warn: "> 50 ms"),
            ],
            migrations: [2, 3],
            compensation: [9],
            ramp: makeRamp(flag, [5, 25, 100]),
            approvals: approvals
        )
        return makeRollout([reads, schema], register: register, notices: notices)
    }

    /// Evidence that everything is well.
    static func allIsWell(_ prober: ScriptedProber) {
        prober.answer("backup", Quantity(word: "verified"))
        prober.answer("kept", Quantity(1000, .rows))
        prober.answer("disk", Quantity(40, .percent))
        prober.answer("errors", Quantity(0, .percent))
        prober.answer("corruption", Quantity(0, .rows))
        prober.answer("p95", Quantity(20, .milliseconds))
    }

    /// What each of its probes can come out with.
    static func output(_ probe: Criterion.ProbeSpec) throws(Diagnostic) -> ProbeOutput {
        switch probe.kind {
        case "backup": return .words(["verified", "refused"])
        case "row-count": return .number(.count, 0...1e12)
        case "scalar": return .scalar(.count)
        default: throw Diagnostic(rule: "unknown-probe", "there is no probe '\(probe.kind)'")
        }
    }
}

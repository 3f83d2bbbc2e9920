import PhasegateCore
import PhasegateTesting

/// One gate with what it is asked, in values that a test changes one at a time.
struct Trial {
    var criteria: [Criterion]
    var readings: [Reading] = []
    var baselines: [CriterionName: Measurement] = [:]
    var streaks: [CriterionName: Int] = [:]
    var waivers: [Waiver] = []
    var approvals: [Approval] = []
    var demandedApprovals = 0
    var moment = ManualClock.start

    init(_ criteria: Criterion...) { self.criteria = criteria }
    init(_ criteria: [Criterion]) { self.criteria = criteria }

    var definition: GateDefinition {
        GateDefinition(
            phase: "reads",
            gate: Gate(
                name: "exit",
                position: .exit,
                criteria: criteria,
                clock: GateClock(),
                approvals: demandedApprovals
            ),
            planDigest: "plan-1",
            baselines: baselines
        )
    }

    var round: GateRound {
        GateRound(readings: readings, streaks: streaks, waivers: waivers, approvals: approvals, at: moment)
    }

    var verdict: Verdict { definition.weigh(round, digest: testDigest) }

    /// The verdict with one more reading, taken a second ago.
    func verdict(_ name: CriterionName, _ outcome: Reading.Outcome) -> Verdict {
        var trial = self
        trial.read(name, outcome)
        return trial.verdict
    }

    mutating func read(_ name: CriterionName, _ quantity: Quantity, samples: Int? = nil) {
        read(name, .measured(Measurement(quantity, samples: samples)))
    }

    mutating func read(
        _ name: CriterionName,
        _ outcome: Reading.Outcome,
        observed: Duration = .seconds(-1),
        valid: Duration = .seconds(60)
    ) {
        readings.append(
            Reading(criterion: name, outcome: outcome, observedAt: moment + observed, validUntil: moment + valid)
        )
    }

    mutating func waive(
        _ name: CriterionName,
        plan: String = "plan-1",
        phase: PhaseName = "reads",
        expires: Duration = .seconds(60),
        at: Duration = .seconds(-1)
    ) {
        waivers.append(
            Waiver(
                phase: phase,
                criterion: name,
                by: "L. Brandt",
                because: "known and fixed tomorrow",
                expires: moment + expires,
                planDigest: plan,
                at: moment + at
            )
        )
    }

    mutating func approve(
        _ name: String,
        plan: String = "plan-1",
        evidence: String? = nil,
        gate: StageName = "exit",
        phase: PhaseName = "reads",
        at: Duration = .seconds(-1)
    ) {
        approvals.append(
            Approval(
                phase: phase,
                gate: gate,
                by: name,
                because: "looked at it",
                planDigest: plan,
                evidenceDigest: evidence ?? verdict.evidenceDigest,
                at: moment + at
            )
        )
    }
}

/// A digest that keeps the text, so that two texts differ when their digests do.
func testDigest(_ text: String) -> String { "digest(\(text))" }

public import PhasegateCore

/// A criterion with bounds as a rollout file writes them.
///
/// - Throws: `Bound.SyntaxError` for a bound that cannot be read.
public func makeCriterion(
    _ name: CriterionName,
    _ role: Criterion.Role = .success,
    strength: Criterion.Strength = .must,
    demand: String? = nil,
    fail: String? = nil,
    warn: String? = nil,
    probe: ProbeName = "scalar",
    risks: [RiskID] = [],
    baselineOf: PhaseName? = nil,
    confirm: Int = 1,
    minimumSamples: Int = 0,
    validFor: Duration = .seconds(60)
) throws(Bound.SyntaxError) -> Criterion {
    // Not `map`: its closure would lose the kind of error.
    var demanded: Bound?
    var failing: Bound?
    var warning: Bound?
    if let demand { demanded = try Bound(demand) }
    if let fail { failing = try Bound(fail) }
    if let warn { warning = try Bound(warn) }
    return Criterion(
        name: name,
        role: role,
        strength: strength,
        risks: risks,
        probe: Criterion.ProbeSpec(kind: probe, settings: .map([:])),
        bounds: Criterion.Bounds(demand: demanded, failure: failing, warning: warning),
        baselineOf: baselineOf,
        confirm: confirm,
        minimumSamples: minimumSamples,
        validFor: validFor
    )
}

/// Migrations of one directory and one database.
public func makeMigrations(_ versions: [Int], target: TargetName = "main") -> MigrationSet {
    MigrationSet(
        directory: "migrations",
        versions: versions,
        target: target,
        backup: .content,
        deadline: .seconds(60)
    )
}

/// A phase with a clock that tests can count through: a round every 10 s, 20 s together, 10 min at most.
public func makePhase(
    _ name: PhaseName,
    needs: [PhaseName] = [],
    reversibility: Reversibility = .reversible,
    risks: [RiskID] = [],
    clock: GateClock = GateClock(interval: .seconds(10), steady: .seconds(20), timeout: .seconds(600)),
    criteria: [Criterion] = [],
    migrations: [Int] = [],
    compensation: [Int] = [],
    ramp: Ramp? = nil,
    approvals: Int = 0
) -> Phase {
    Phase(
        name: name,
        title: "Phase \(name)",
        needs: needs,
        reversibility: reversibility,
        risks: risks,
        clock: clock,
        criteria: criteria,
        change: migrations.isEmpty ? nil : makeMigrations(migrations),
        compensation: compensation.isEmpty ? nil : makeMigrations(compensation),
        ramp: ramp,
        approvals: approvals
    )
}

/// A ramp in whole percent.
public func makeRamp(_ flag: FlagKey, _ percents: [Int], soak: Duration = .seconds(60)) -> Ramp {
    Ramp(flag: flag, steps: percents.map { BasisPoints(rawValue: $0 * 100) }, soak: soak)
}

/// A rollout of some phases.
public func makeRollout(
    _ phases: [Phase],
    name: RolloutName = "trial",
    register: RiskRegister = .empty,
    notices: NoticePlan = .byDefault
) -> Rollout {
    Rollout(name: name, title: "Rollout \(name)", phases: phases, register: register, notices: notices)
}

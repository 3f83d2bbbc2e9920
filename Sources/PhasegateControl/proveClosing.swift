public import PhasegateCore

/// What was fed to a gate to see it close.
public struct ClosingProof: Hashable, Codable, Sendable {
    /// The phase.
    public let phase: PhaseName
    /// The gate.
    public let gate: StageName
    /// The criterion whose evidence was bad, all others being good.
    public let criterion: CriterionName
    /// What was wrong with the evidence.
    public let evidence: String
    /// What the gate said.
    public let outcome: GateOutcome?
    /// Whether that closes it as it should.
    public let isClosed: Bool
    /// Why not, and what to do.
    public let problem: String?
}

/// Feeds bad evidence to every criterion of every gate and proves that the gate closes.
///
/// For each criterion, the others passing: a failing value, no reading, no
/// data, no value (NaN, NULL, text), an error, a timeout, a cancelled probe, a
/// stale reading, a reading from the future, and too few samples where a number
/// is demanded. A must has to close the gate, a should has to put a condition on
/// a failing value and to close it on everything unknown. A criterion for which
/// no failing value exists within what its probe can say cannot close its gate
/// and is reported.
///
/// - Parameters:
///   - rollout: the rollout.
///   - output: what a probe can come out with.
///   - digest: hashes a text.
/// - Returns: one proof per gate, criterion and kind of evidence.
public func proveClosing(
    _ rollout: Rollout,
    output: (Criterion.ProbeSpec) throws(Diagnostic) -> ProbeOutput,
    digest: (String) -> String
) -> [ClosingProof] {
    var proofs: [ClosingProof] = []
    for phase in rollout.orderedPhases {
        for gate in phase.gates {
            let trial = GateTrial(phase: phase.name, gate: gate)
            if gate.criteria.isEmpty {
                proofs.append(trial.emptyGateProof(digest: digest))
            }
            for criterion in gate.criteria {
                do throws(Diagnostic) {
                    let domain = try output(criterion.probe)
                    proofs += trial.proofs(for: criterion, domain: domain, output: output, digest: digest)
                } catch {
                    proofs.append(trial.broken(criterion, error.message))
                }
            }
        }
    }
    return proofs
}

private struct GateTrial {
    let phase: PhaseName
    let gate: Gate
    let moment = Moment(milliseconds: 1_000_000_000_000)

    func emptyGateProof(digest: (String) -> String) -> ClosingProof {
        let definition = GateDefinition(phase: phase, gate: gate, planDigest: "plan", baselines: [:])
        let outcome = definition.weigh(GateRound(readings: [], at: moment), digest: digest).outcome
        return ClosingProof(
            phase: phase,
            gate: gate.name,
            criterion: "(none)",
            evidence: "no criteria at all",
            outcome: outcome,
            isClosed: false,
            problem: "the gate has no criteria, so it can never open"
        )
    }

    func broken(_ criterion: Criterion, _ why: String) -> ClosingProof {
        ClosingProof(
            phase: phase,
            gate: gate.name,
            criterion: criterion.name,
            evidence: "none",
            outcome: nil,
            isClosed: false,
            problem: why
        )
    }

    func proofs(
        for criterion: Criterion,
        domain: ProbeOutput,
        output: (Criterion.ProbeSpec) throws(Diagnostic) -> ProbeOutput,
        digest: (String) -> String
    ) -> [ClosingProof] {
        var others: [Reading] = []
        for other in gate.criteria where other.name != criterion.name {
            if other.comparison != nil {
                others.append(reading(of: other, .measured(ComparedSamples.passing)))
                continue
            }
            guard let range = try? output(other.probe), let good = EvidenceSamples(other, range).passing else {
                continue
            }
            others.append(reading(of: other, good))
        }
        if criterion.comparison != nil {
            return ComparedSamples.all.map { words, measurement, isFailing in
                proof(
                    criterion,
                    words,
                    [reading(of: criterion, .measured(measurement))],
                    others,
                    isFailing: isFailing,
                    digest
                )
            }
                + unknowns(for: criterion, good: .measured(ComparedSamples.passing)).map { words, readings in
                    proof(criterion, words, readings, others, isFailing: false, digest)
                }
        }
        let samples = EvidenceSamples(criterion, domain)
        guard let passing = samples.passing else {
            return [
                broken(
                    criterion,
                    "no value that \(criterion.probe.kind) can say satisfies '\(criterion.boundSentence)'"
                )
            ]
        }
        guard let failing = samples.failing ?? samples.warning else {
            return [
                broken(
                    criterion,
                    "no value that \(criterion.probe.kind) can say breaks '\(criterion.boundSentence)': it cannot close its gate"
                )
            ]
        }
        var proofs = [
            proof(
                criterion,
                "a failing value (\(failing))",
                [reading(of: criterion, failing)],
                others,
                isFailing: true,
                digest
            )
        ]
        let good = Reading.Outcome.measured(measurement(passing, of: criterion))
        for (words, readings) in unknowns(for: criterion, good: good) {
            proofs.append(proof(criterion, words, readings, others, isFailing: false, digest))
        }
        if criterion.minimumSamples > 0 {
            let thin = Measurement(passing, samples: criterion.minimumSamples - 1)
            proofs.append(
                proof(
                    criterion,
                    "too few samples",
                    [reading(of: criterion, .measured(thin))],
                    others,
                    isFailing: false,
                    digest
                )
            )
        }
        return proofs
    }

    private func unknowns(for criterion: Criterion, good: Reading.Outcome) -> [(String, [Reading])] {
        var cases: [(String, [Reading])] = [("no reading", [])]
        for why in Reading.Unavailability.allCases {
            cases.append((why.rawValue, [reading(of: criterion, .unavailable(why, "selftest"))]))
        }
        cases.append(("a stale reading", [reading(of: criterion, good, observed: .seconds(-100), valid: .seconds(-1))]))
        cases.append(
            ("a reading from the future", [reading(of: criterion, good, observed: .seconds(1), valid: .seconds(60))])
        )
        cases.append(("a reading without values", [reading(of: criterion, .measured(Measurement(parts: [])))]))
        return cases
    }

    private func proof(
        _ criterion: Criterion,
        _ evidence: String,
        _ readings: [Reading],
        _ others: [Reading],
        isFailing: Bool,
        _ digest: (String) -> String
    ) -> ClosingProof {
        // Every baseline is the same, so that samples can be found for bounds that refer to one.
        var baselines: [CriterionName: Measurement] = [:]
        for other in gate.criteria where other.needsBaseline {
            baselines[other.name] = EvidenceSamples.baseline(for: other)
        }
        let definition = GateDefinition(
            phase: phase,
            gate: Gate(
                name: gate.name,
                position: gate.position,
                criteria: gate.criteria,
                clock: gate.clock,
                approvals: 0
            ),
            planDigest: "plan",
            baselines: baselines
        )
        let streaks = isFailing ? [criterion.name: criterion.confirm] : [:]
        let round = GateRound(readings: others + readings, streaks: streaks, at: moment)
        let outcome = definition.weigh(round, digest: digest).outcome
        let isClosed = isFailing && criterion.strength == .should ? outcome != .go : !outcome.isOpen
        return ClosingProof(
            phase: phase,
            gate: gate.name,
            criterion: criterion.name,
            evidence: evidence,
            outcome: outcome,
            isClosed: isClosed,
            problem: isClosed ? nil : "the gate said \(outcome.rawValue)"
        )
    }

    private func reading(of criterion: Criterion, _ value: Quantity) -> Reading {
        reading(of: criterion, .measured(measurement(value, of: criterion)))
    }

    private func measurement(_ value: Quantity, of criterion: Criterion) -> Measurement {
        Measurement(value, samples: max(criterion.minimumSamples, 1))
    }

    private func reading(
        of criterion: Criterion,
        _ outcome: Reading.Outcome,
        observed: Duration = .seconds(-1),
        valid: Duration = .seconds(60)
    ) -> Reading {
        Reading(
            criterion: criterion.name,
            outcome: outcome,
            observedAt: moment + observed,
            validUntil: moment + valid
        )
    }
}

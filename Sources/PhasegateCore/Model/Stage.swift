/// One stop on a phase's way: a gate that weighs, or a step that acts.
public enum Stage: Hashable, Sendable {
    /// Weighs criteria until it opens.
    case gate(Gate)
    /// Freezes the readings that later bounds refer to.
    case freezeBaselines
    /// Changes the world.
    case act(Step)

    /// Its name within the phase, unique and stable.
    public var name: StageName {
        switch self {
        case .gate(let gate): gate.name
        case .freezeBaselines: "baselines"
        case .act(let step): StageName(rawValue: step.name)
        }
    }

    /// Whether it weighs.
    public var isGate: Bool {
        switch self {
        case .gate: true
        case .freezeBaselines, .act: false
        }
    }
}

/// A gate of a phase: which criteria it weighs, and by which clock.
public struct Gate: Hashable, Codable, Sendable {
    /// Where in the phase the gate stands.
    public enum Position: Hashable, Codable, Sendable {
        /// Before anything is changed.
        case entry
        /// After users were exposed to a share.
        case exposed(BasisPoints)
        /// At the end.
        case exit
    }

    /// Its name within the phase.
    public let name: StageName
    /// Where it stands.
    public let position: Position
    /// What it weighs.
    public let criteria: [Criterion]
    /// Its clock.
    public let clock: GateClock
    /// Distinct people who have to approve.
    public let approvals: Int

    /// Puts a gate together.
    public init(name: StageName, position: Position, criteria: [Criterion], clock: GateClock, approvals: Int) {
        self.name = name
        self.position = position
        self.criteria = criteria
        self.clock = clock
        self.approvals = approvals
    }
}

extension Phase {
    /// The way through the phase, in order: entry gate, baselines, migrations, exposures with their gates, exit gate.
    public var stages: [Stage] {
        var stages: [Stage] = [.gate(entryGate)]
        if criteria.contains(where: freezesBaseline) { stages.append(.freezeBaselines) }
        if let change {
            stages += change.versions.map { .act(.migrate(MigrationStep(of: change, version: $0))) }
        }
        if let ramp {
            for share in ramp.shares {
                stages.append(.act(.expose(ExposureStep(flag: ramp.flag, share: share))))
                stages.append(.gate(gate(exposedAt: share, soak: ramp.soak(at: share))))
            }
        }
        stages.append(.gate(exitGate))
        return stages
    }

    /// The gates among the stages.
    public var gates: [Gate] {
        stages.compactMap { if case .gate(let gate) = $0 { gate } else { nil } }
    }

    /// Whether a criterion is measured once before the change, to be compared with later.
    public func freezesBaseline(_ criterion: Criterion) -> Bool {
        criterion.needsBaseline && (criterion.baselineOf ?? name) == name && criterion.role != .precondition
    }

    private var entryGate: Gate {
        Gate(
            name: "entry",
            position: .entry,
            criteria: criteria.filter { $0.role == .precondition },
            clock: clock,
            approvals: approvals
        )
    }

    private func gate(exposedAt share: BasisPoints, soak: Duration) -> Gate {
        var clock = clock
        clock.steady = soak
        clock.timeout = max(clock.timeout, soak * 3)
        return Gate(
            name: StageName(rawValue: "gate-at-\(shortDecimal(share.percent))%"),
            position: .exposed(share),
            // With everybody exposed there is nobody left to compare with.
            criteria: criteria.filter {
                ($0.role == .guarding || $0.role == .kill) && (share < .all || $0.comparison != .control)
            },
            clock: clock,
            approvals: 0
        )
    }

    private var exitGate: Gate {
        Gate(
            name: "exit",
            position: .exit,
            // What is observed of a ramp was judged at its steps.
            criteria: criteria.filter { $0.role != .precondition && $0.comparison == nil },
            clock: clock,
            approvals: 0
        )
    }
}

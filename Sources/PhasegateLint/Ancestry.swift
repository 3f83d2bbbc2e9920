import PhasegateCore

/// Which phases are finished before a phase begins.
struct Ancestry {
    private let needs: [PhaseName: [PhaseName]]

    /// Reads the needs of a rollout; circles do no harm.
    init(of rollout: Rollout) {
        needs = Dictionary(rollout.phases.map { ($0.name, $0.needs) }, uniquingKeysWith: { first, _ in first })
    }

    /// The phases that a phase needs, directly or through others; not the phase itself.
    func ancestors(of phase: PhaseName) -> Set<PhaseName> {
        var found: Set<PhaseName> = []
        var waiting = needs[phase] ?? []
        while let next = waiting.popLast() {
            if found.insert(next).inserted { waiting += needs[next] ?? [] }
        }
        return found
    }
}

import PhasegateCore
import PhasegateFlags

/// Which flags a kill sets to nobody.
///
/// Those of all ramps, but for a flag that stands at 100 % and whose phases are
/// finished: what came after builds on it, and the code it would bring back may
/// ask for what is no longer there. Only the ledger knows that, so whatever can be told
/// without it is closed without it.
struct KillScope {
    /// Closed at once.
    let certain: [FlagKey]
    /// At 100 %, with another ramp after it: closed unless the ledger says in time that its phases are finished.
    let doubtful: [FlagKey]

    init(_ assembly: Assembly) {
        let ramped = assembly.rollout.orderedPhases.compactMap(\.ramp?.flag)
        var flags: [FlagKey] = []
        for flag in ramped where !flags.contains(flag) { flags.append(flag) }
        let reader = FlagShareReader(flags: assembly.flagLocations)
        let doubtful = flags.filter { flag in
            flag != ramped.last && (try? reader.share(of: flag)) == BasisPoints.all
        }
        self.doubtful = doubtful
        certain = flags.filter { !doubtful.contains($0) }
    }

    /// The doubtful ones that a kill leaves alone.
    static func finished(_ flags: [FlagKey], of rollout: Rollout, in state: RolloutState) -> [FlagKey] {
        flags.filter { flag in
            rollout.phases.filter { $0.ramp?.flag == flag }
                .allSatisfy { state.phases[$0.name]?.finishedAt != nil }
        }
    }
}

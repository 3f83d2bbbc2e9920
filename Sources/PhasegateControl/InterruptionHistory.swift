import PhasegateCore

/// When phases stood still or were taken back.
struct InterruptionHistory {
    private struct Open {
        let phase: PhaseName
        let from: Moment
        let reason: String
    }

    private var closed: [PhaseName: [RolloutReport.Interruption]] = [:]
    private var open: [RolloutReport.Interruption.Kind: Open] = [:]

    /// The interruptions of a phase by their beginning, those that go on included.
    subscript(phase: PhaseName) -> [RolloutReport.Interruption] {
        let goingOn = [RolloutReport.Interruption.Kind.undoing, .held].compactMap { kind in
            open[kind].flatMap { $0.phase == phase ? interruption(kind, $0, to: nil) : nil }
        }
        return ((closed[phase] ?? []) + goingOn).enumerated()
            .sorted { ($0.element.from, $0.offset) < ($1.element.from, $1.offset) }
            .map(\.element)
    }

    /// Reads one entry.
    ///
    /// - Parameters:
    ///   - entry: the entry.
    ///   - phase: where the rollout stood before it.
    mutating func read(_ entry: LedgerEntry, in phase: PhaseName?) {
        switch entry.event {
        case .decided(let decision):
            if decision.action == .hold {
                begin(.held, phase, entry.at, decision.reason)
            } else {
                end(.held, at: entry.at)
            }
        case .undoing(_, _, let reason, _):
            end(.held, at: entry.at)
            begin(.undoing, phase, entry.at, reason)
        case .settled(let status, let reason):
            end(.undoing, at: entry.at)
            end(.held, at: entry.at)
            // Left as it is until a person comes: that is standing still too.
            if status == .frozen { begin(.held, phase, entry.at, reason) }
        case .entered, .resumed, .phaseFinished:
            end(.held, at: entry.at)
        case .opened, .planChanged, .gateDefined, .weighed, .baselinesFrozen, .intended, .acted, .failed, .requested,
            .approved, .attested, .waived, .noticed, .raised, .delivered, .acknowledged:
            break
        }
    }

    /// A hold that goes on keeps the reason it began with; measured values in it differ from round to round.
    private mutating func begin(
        _ kind: RolloutReport.Interruption.Kind,
        _ phase: PhaseName?,
        _ moment: Moment,
        _ reason: String
    ) {
        guard open[kind] == nil, let phase else { return }
        open[kind] = Open(phase: phase, from: moment, reason: reason)
    }

    private mutating func end(_ kind: RolloutReport.Interruption.Kind, at moment: Moment) {
        guard let ended = open.removeValue(forKey: kind) else { return }
        closed[ended.phase, default: []].append(interruption(kind, ended, to: moment))
    }

    private func interruption(_ kind: RolloutReport.Interruption.Kind, _ open: Open, to: Moment?)
        -> RolloutReport.Interruption
    {
        RolloutReport.Interruption(kind: kind, from: open.from, to: to, reason: open.reason)
    }
}

import PhasegateControl
import PhasegateCore
import PhasegateProbes
import Synchronization

/// Tells what the controller does as it does it: a line per change, one line that is rewritten while it waits.
final class ProgressPrinter: Sendable {
    private struct Memory {
        var outcomes: [CriterionName: Finding.Outcome] = [:]
        var measured = 0
        var expected = 0
        var place = ""
        var lastLine = ""
        var lastSaid = ContinuousClock.now
    }

    private let terminal = Terminal.standard
    private let rollout: Rollout
    private let memory = Mutex(Memory())
    private let start = ContinuousClock.now

    init(_ rollout: Rollout) { self.rollout = rollout }

    func hear(_ event: RolloutController.Event) {
        switch event {
        case .entered(let phase, let stage): entered(phase, stage)
        case .measuring(let phase, let stage, let criteria):
            memory.withLock {
                $0.measured = 0
                $0.expected = criteria
                $0.place = "\(phase) · \(stage)"
            }
            bar()
        case .weighed(_, _, let verdict, let decision): weighed(verdict, decision)
        case .acting(let step): say("▶ \(step.sentence)", .strong)
        case .acted(let step, let outcome): acted(step, outcome)
        case .failed(let step, let message): say("  ✗ \(step.name): \(harmless(message))", .bad)
        case .undoing(let steps, let reason):
            say("◀ taking the phase back in \(steps) steps", .bad)
            say("  because \(harmless(reason))", .plain)
        case .settled(let status, let reason):
            say("■ \(status.rawValue): \(harmless(reason))", status == .finished ? .good : .bad)
        }
    }

    /// Something beside the rollout went wrong that people have to know of.
    func say(trouble: String) { say("! \(harmless(trouble))", .bad) }

    /// One more criterion of the round is measured.
    func hear(_ reading: Reading) {
        memory.withLock { $0.measured += 1 }
        bar()
    }

    private func entered(_ phase: PhaseName, _ stage: StageName) {
        let phases = rollout.orderedPhases
        let number = phases.firstIndex { $0.name == phase }.map { $0 + 1 } ?? 0
        if stage == "entry" {
            say("")
            say("● phase \(number)/\(phases.count) \(phase): \(rollout.phase(phase)?.title ?? "")", .strong)
        }
        memory.withLock { $0.outcomes = [:] }
        say("  ─ \(stage)", .faint)
    }

    private func weighed(_ verdict: Verdict, _ decision: Decision) {
        let turned = memory.withLock { memory -> [Finding] in
            let turned = verdict.findings.filter { memory.outcomes[$0.criterion] != $0.outcome }
            for finding in verdict.findings { memory.outcomes[finding.criterion] = finding.outcome }
            return turned
        }
        let width = terminal.width
        for finding in turned {
            let value = finding.observed ?? finding.reason
            let head =
                "    \(terminal.styled(finding.outcome.sign, finding.outcome.tone)) \(column(finding.criterion.rawValue, 26)) "
            say(
                head
                    + fitted(
                        finding.outcome == .pass ? "\(value)  [\(finding.bound)]" : finding.reason,
                        max(20, width - 34)
                    )
            )
        }
        let sentence =
            "    \(verdict.outcome.rawValue): \(decision.action == .advance ? verdict.reason : decision.reason)"
        let isNew = memory.withLock { memory -> Bool in
            let words = "\(verdict.outcome)\(decision.action)"
            let isNew =
                memory.lastLine != words || !turned.isEmpty
                || ContinuousClock.now - memory.lastSaid > .seconds(30)
            memory.lastLine = words
            if isNew { memory.lastSaid = ContinuousClock.now }
            return isNew
        }
        if isNew {
            say(terminal.styled(fitted(sentence, width), verdict.outcome.tone))
        } else {
            terminal.transient(terminal.styled(fitted(sentence, width), verdict.outcome.tone))
        }
    }

    private func acted(_ step: Step, _ outcome: StepOutcome) {
        say("  ✓ \(step.name): \(harmless(outcome.observed))", .good)
        for (name, fact) in outcome.evidence.sorted(by: { $0.key < $1.key }) {
            say("      \(name): \(harmless(fact))", .faint)
        }
        if case .expose(let exposure) = step {
            let filled = exposure.share.rawValue / 400
            let bar = String(repeating: "█", count: filled) + String(repeating: "·", count: 25 - filled)
            say("      exposure \(bar) \(exposure.share)", .strong)
        }
    }

    /// Draws how far a measurement has got that takes its time.
    func hear(_ progress: ProbeProgress) {
        guard let share = progress.share else { return terminal.transient("    \(harmless(progress.what))") }
        let filled = max(0, min(20, Int(share * 20)))
        let bar = String(repeating: "█", count: filled) + String(repeating: "·", count: 20 - filled)
        terminal.transient("    \(bar) \(Int(share * 100)) % · \(harmless(progress.what))")
    }

    private func bar() {
        let (measured, expected, place) = memory.withLock { ($0.measured, $0.expected, $0.place) }
        guard expected > 0 else { return }
        let filled = min(20, measured * 20 / expected)
        let bar = String(repeating: "█", count: filled) + String(repeating: "·", count: 20 - filled)
        terminal.transient("    \(bar) \(measured)/\(expected) measured · \(place)")
    }

    private func say(_ text: String, _ tone: Terminal.Tone = .plain) {
        terminal.transient("")
        terminal.line(tone == .plain ? text : terminal.styled(text, tone))
    }
}

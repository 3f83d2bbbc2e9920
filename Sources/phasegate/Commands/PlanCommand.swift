import ArgumentParser
import PhasegateCore
import PhasegateMigrations
import PhasegateObservations
import PhasegateProbes

/// Shows what would be done; touches nothing.
struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what would be done, stage by stage, and what would take it back. Touches nothing."
    )

    @OptionGroup var options: RolloutOptions
    @OptionGroup var output: OutputOptions

    @Option(help: "How much faster than planned the clocks run.")
    var timeScale: Double = 1

    @Flag(help: "Show the SQL of every migration and its rollback.")
    var sql = false

    func run() async throws {
        let assembly = try Assembly(options, timeScale: timeScale)
        let rollout = assembly.rollout.scaled(by: timeScale)
        if output.json {
            try printJSON(rollout)
            return
        }
        let terminal = Terminal.standard
        terminal.line("\(rollout.name): \(rollout.title)")
        terminal.line("plan \(assembly.planDigest().prefix(16)), \(rollout.phases.count) phases")
        let rate = await measuredRate(assembly)
        for phase in rollout.orderedPhases { show(phase, assembly, rate) }
    }

    /// Requests a second as a controller has last observed them; nothing where there is no ledger yet.
    private func measuredRate(_ assembly: Assembly) async -> Double? {
        guard let ledger = try? await assembly.ledger(creating: false),
            let state = try? await ledger.state(of: assembly.rollout.name)
        else { return nil }
        return state.gate?.lastVerdict?.findings.compactMap(\.evidence?.requestRate).first
    }

    private func show(_ phase: Phase, _ assembly: Assembly, _ rate: Double?) {
        let terminal = Terminal.standard
        let window = phase.window.map { ", \($0.from) to \($0.to)" } ?? ""
        terminal.line()
        terminal.line(
            terminal.styled("● \(phase.name): \(phase.title) (\(phase.reversibility.rawValue)\(window))", .strong)
        )
        if phase.approvals > 0 { terminal.line("  needs \(phase.approvals) approvals") }
        for stage in phase.stages {
            switch stage {
            case .gate(let gate):
                show(gate)
                if let forecast = RampForecast(gate, of: phase, measuredRate: rate) { show(forecast, phase) }
            case .freezeBaselines:
                let names = phase.criteria.filter(phase.freezesBaseline).map(\.name.rawValue)
                terminal.line("  ─ baselines: freeze \(names.joined(separator: ", "))")
            case .act(let step):
                terminal.line("  ▶ \(step.name): \(step.sentence)")
                if case .migrate(let migration) = step { show(migration, assembly) }
            }
        }
        let steps = phase.stages.compactMap { if case .act(let step) = $0 { step } else { nil } }
        let action: Decision.Action = phase.reversibility == .compensable ? .compensate : .rollback
        let back = phase.reversibility == .irreversible ? [] : phase.stepsBack(from: steps, action: action)
        let words = back.isEmpty ? "freeze and call a person" : back.map(\.sentence).joined(separator: "; ")
        terminal.line("  on harm: \(steps.isEmpty ? "stop, nothing was changed" : words)")
    }

    private func show(_ gate: Gate) {
        let terminal = Terminal.standard
        let clock = gate.clock
        terminal.line(
            "  ─ \(gate.name): \(gate.criteria.count) criteria every \(clock.interval.forPeople), together for "
                + "\(clock.steady.forPeople), at most \(clock.timeout.forPeople), then \(clock.onTimeout.rawValue)"
        )
        for criterion in gate.criteria {
            terminal.line(
                "      \(column(criterion.name.rawValue, 28)) \(column(criterion.probe.kind.rawValue, 13)) \(criterion.boundSentence)"
            )
            if case .text(let query) = criterion.probe.settings["query"] {
                terminal.line(terminal.styled("        " + fitted(query, terminal.width - 8), .faint))
            }
        }
    }

    /// What the comparisons of a step take, and how long that is.
    private func show(_ forecast: RampForecast, _ phase: Phase) {
        let terminal = Terminal.standard
        for need in forecast.needs {
            let units = "\(forecast.unit.rawValue)s"
            let whose = need.isOfCandidate ? " with the change" : ""
            func words(_ count: Int) -> String {
                let time = forecast.time(for: count, isOfCandidate: need.isOfCandidate)
                return "\(count) \(units)\(whose)" + (time.map { " (\($0.forPeople))" } ?? "")
            }
            var parts = ["passes after \(words(need.floor)) at the soonest"]
            if let harmless = need.harmless { parts.append("usually after \(words(harmless)) where it does no harm") }
            if let harmful = need.harmful { parts.append("half as much again is found after \(words(harmful))") }
            for line in parts { terminal.line(terminal.styled("        \(need.criterion): \(line)", .faint)) }
        }
        if let rate = forecast.rate {
            let soonest = forecast.soonest.map { ", opens after \($0.forPeople) at the soonest" } ?? ""
            terminal.line(
                "      at \(shortDecimal(rate)) requests a second\(forecast.unit == .user ? ", each of another user" : "")\(soonest)"
            )
        } else {
            terminal.line("      how long that takes is known when 'load' is in the plan, or traffic was observed")
        }
        if let objection = forecast.objection { terminal.line("      cannot be: \(objection)") }
    }

    private func show(_ step: MigrationStep, _ assembly: Assembly) {
        let terminal = Terminal.standard
        let directory = MigrationDirectory(
            path: absolutePath(step.directory, in: assembly.places.rolloutDirectory),
            dialect: assembly.rollout.dialect(of: step.target)
        )
        guard let file = directory.file(step.version) else { return }
        terminal.line("      \(file.name): \(file.summary), \(file.statementCount) statements")
        // A migration without a way back cannot be rehearsed there and back.
        let rehearsal = file.rollback == nil ? "no rollback, not rehearsed" : "rehearsed on a copy first"
        terminal.line("      backup before it, proven to level \(step.backup.rank) of 4; \(rehearsal)")
        guard sql else { return }
        for line in file.sql.split(whereSeparator: \.isNewline) { terminal.line("      + \(harmless(String(line)))") }
        for line in (file.rollback ?? "").split(whereSeparator: \.isNewline) {
            terminal.line("      - \(harmless(String(line)))")
        }
    }
}

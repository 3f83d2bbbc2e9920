import ArgumentParser
import FoundationEssentials
import PhasegateCore
import PhasegateHashing

/// Why the gate said what it said: weighs a past round again from the ledger alone.
struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Weigh a past round again, from the ledger alone, and show every value and bound it rests on."
    )

    @OptionGroup var options: RolloutOptions
    @OptionGroup var output: OutputOptions

    @Option(help: "The ledger entry to explain; the last weighed round by default.")
    var entry: Int?

    /// How weighing again came out.
    enum Replay: String, Codable {
        /// The same bytes.
        case identical
        /// The same answer on every criterion, worded by another version of phasegate.
        case sameAnswer = "same-answer"
        /// Another answer: the ledger was edited, or a version judges otherwise.
        case different
    }

    /// A round as it was recorded and as it comes out again.
    struct Explanation: Codable {
        let entry: Int
        let at: Moment
        let phase: PhaseName
        let gate: StageName
        let verdict: Verdict
        let replay: Replay
    }

    func run() async throws {
        let (name, ledger) = try options.nameAndLedger()
        let entries = try await ledger.open().entries(of: name)
        let explanation = try explanation(from: entries, of: name)
        if output.json {
            try printJSON(explanation)
        } else {
            show(explanation)
        }
        if explanation.replay == .different {
            throw Failure(.internalError, "entry \(explanation.entry) does not come out the same; verify the ledger")
        }
    }

    private func explanation(from entries: [LedgerEntry], of name: RolloutName) throws -> Explanation {
        var definition: GateDefinition?
        var found: (LedgerEntry, GateDefinition, GateRound, Verdict)?
        for candidate in entries {
            if case .gateDefined(let new) = candidate.event { definition = new }
            guard case .weighed(let round, let verdict) = candidate.event, let definition else { continue }
            // A decision stands right after the round it was read off.
            if entry.map({ candidate.sequence <= $0 }) ?? true { found = (candidate, definition, round, verdict) }
        }
        guard let (entry, definition, round, verdict) = found else {
            throw Failure(
                .badInput,
                self.entry.map { "no round of '\(name)' was weighed up to entry \($0)" }
                    ?? "no round of '\(name)' has been weighed yet"
            )
        }
        let again = definition.weigh(round) { sha256(of: $0) }
        return Explanation(
            entry: entry.sequence,
            at: entry.at,
            phase: definition.phase,
            gate: definition.gate.name,
            verdict: verdict,
            replay: try replay(again, verdict)
        )
    }

    private func replay(_ again: Verdict, _ recorded: Verdict) throws -> Replay {
        if try bytes(of: again) == bytes(of: recorded) { return .identical }
        let answers = [again, recorded].map { verdict in
            [verdict.outcome.rawValue]
                + verdict.findings.map { "\($0.criterion) \($0.outcome) \($0.observed ?? "") \($0.bound)" }
        }
        return answers[0] == answers[1] ? .sameAnswer : .different
    }

    private func bytes(of verdict: Verdict) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(verdict)
    }

    private func show(_ explanation: Explanation) {
        let terminal = Terminal.standard
        let verdict = explanation.verdict
        terminal.line(
            "entry \(explanation.entry), \(explanation.at.forPeople) UTC: gate '\(explanation.gate)' of '\(explanation.phase)'"
        )
        terminal.line(terminal.styled("\(verdict.outcome.rawValue): \(harmless(verdict.reason))", verdict.outcome.tone))
        for finding in verdict.findings {
            terminal.line(
                "  \(terminal.styled(finding.outcome.sign, finding.outcome.tone)) \(finding.criterion) (\(finding.role.rawValue), \(finding.strength.rawValue))"
            )
            terminal.line("      \(harmless(finding.reason))")
            var facts = ["bound \(finding.bound)"]
            if let baseline = finding.baseline { facts.append("baseline \(baseline)") }
            if let samples = finding.samples { facts.append("\(samples) samples") }
            if let at = finding.observedAt { facts.append("observed \(at.forPeople) UTC") }
            terminal.line(terminal.styled("      " + facts.joined(separator: ", "), .faint))
            if let query = finding.resolvedQuery { terminal.line(terminal.styled("      " + harmless(query), .faint)) }
        }
        terminal.line("weighed again from the ledger alone: \(explanation.replay.rawValue)")
    }
}

import ArgumentParser
import PhasegateControl
import PhasegateCore
import PhasegateHashing
import PhasegateProbes

/// Proves that every gate of a rollout can close.
struct SelftestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "selftest",
        abstract: "Feed failing, empty, stale and erroring evidence to every criterion and prove that its gate closes."
    )

    @OptionGroup var options: RolloutOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let assembly = try Assembly(options)
        let proofs = proveClosing(
            assembly.rollout,
            output: { (spec) throws(Diagnostic) in try Assembly.probeKinds.probe(spec).output },
            digest: { sha256(of: $0) }
        )
        let open = proofs.filter { !$0.isClosed }
        if output.json {
            try printJSON(proofs)
        } else {
            show(proofs, open)
        }
        if !open.isEmpty { throw ExitStatus.noGo.code }
    }

    private func show(_ proofs: [ClosingProof], _ open: [ClosingProof]) {
        let terminal = Terminal.standard
        var gates: [String] = []
        for proof in proofs where !gates.contains("\(proof.phase)/\(proof.gate)") {
            gates.append("\(proof.phase)/\(proof.gate)")
        }
        for gate in gates {
            let own = proofs.filter { "\($0.phase)/\($0.gate)" == gate }
            let failed = own.filter { !$0.isClosed }
            let criteria = Set(own.map(\.criterion)).count
            let sign = failed.isEmpty ? terminal.styled("✓", .good) : terminal.styled("✗", .bad)
            terminal.line(
                "\(sign) \(column(gate, 44)) \(criteria) criteria, \(own.count - failed.count) of \(own.count) closed"
            )
            for proof in failed {
                terminal.line("    \(proof.criterion), \(proof.evidence): \(harmless(proof.problem ?? "stayed open"))")
            }
        }
        terminal.line(
            open.isEmpty
                ? "every criterion can close its gate: \(proofs.count) trials in \(gates.count) gates"
                : "\(open.count) of \(proofs.count) trials did not close the gate"
        )
    }
}

import ArgumentParser
import FoundationEssentials
import PhasegateCore
import PhasegateHashing

/// What the verbs of people share: they write into a ledger, bound to the plan as it is now.
struct Person {
    let options: RolloutOptions
    let assembly: Assembly
    let ledger: any SharedLedger
    let state: RolloutState
    let planDigest: String

    /// Opens the ledger.
    ///
    /// - Parameters:
    ///   - options: the rollout and where things lie.
    ///   - mayBegin: whether there need be no ledger yet. What answers something that has happened needs one: a new one
    ///     would only hide that the path is mistyped.
    /// - Throws: `LedgerError` when there is none.
    init(_ options: RolloutOptions, mayBegin: Bool = false) async throws {
        self.options = options
        assembly = try Assembly(options)
        ledger = try await assembly.ledger(creating: mayBegin)
        try await assembly.enterPendingKills(into: ledger)
        state = try await ledger.state(of: assembly.rollout.name)
        planDigest = assembly.planDigest()
    }

    /// Writes one event and says so.
    func write(_ event: LedgerEvent, by name: String, _ sentence: String) async throws {
        let after = try await ledger.append([event], to: assembly.rollout.name, by: name, at: wallClock())
        Terminal.standard.line("\(sentence) (entry \(after.sequence))")
    }

    func demandBegun() throws {
        guard state.opening != nil else {
            throw Failure(
                .badInput,
                "'\(assembly.rollout.name)' has not begun; phasegate check \(options.rollout) first"
            )
        }
    }

    /// Begun, and not at rest.
    func demandUnderWay() throws {
        try demandBegun()
        guard !state.isAtRest else {
            throw Failure(.badInput, "'\(assembly.rollout.name)' is at rest already: \(state.status.rawValue)")
        }
    }

    func demandCurrentPlan() throws {
        guard state.opening == nil || state.planDigest == planDigest else {
            throw Failure(
                .badInput,
                "the plan has changed since it was last weighed; phasegate check \(options.rollout) first"
            )
        }
    }
}

/// Allows a gate to open.
struct ApproveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve",
        abstract: "Allow the present gate to open, for this plan and this state of the evidence."
    )

    @OptionGroup var options: RolloutOptions
    @OptionGroup var person: PersonOptions

    func run() async throws {
        let desk = try await Person(options)
        try desk.demandBegun()
        try desk.demandCurrentPlan()
        guard let gate = desk.state.gate, let verdict = gate.lastVerdict, let phase = desk.state.phase else {
            throw Failure(.badInput, "no gate has been weighed yet; phasegate check \(options.rollout) first")
        }
        guard gate.definition.gate.approvals > 0 else {
            throw Failure(.badInput, "gate '\(gate.definition.gate.name)' of phase '\(phase)' asks for no approval")
        }
        let approval = Approval(
            phase: phase,
            gate: gate.definition.gate.name,
            by: person.by,
            because: person.because,
            planDigest: desk.planDigest,
            evidenceDigest: verdict.evidenceDigest,
            at: wallClock()
        )
        try await desk.write(.approved(approval), by: person.by, "approved gate '\(approval.gate)' of phase '\(phase)'")
    }
}

/// States something.
struct AttestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attest",
        abstract: "State that something is so, with evidence and an end."
    )

    @OptionGroup var options: RolloutOptions

    @Argument(help: "The statement, by the name the criterion asks for.")
    var statement: String

    @OptionGroup var person: PersonOptions

    @Option(help: "Evidence: a file, whose digest is kept, or any reference.")
    var evidence: String?

    @Option(help: "How long the statement counts.")
    var validFor: String = "30 days"

    func run() async throws {
        // People may state what is so before anything is measured.
        let desk = try await Person(options, mayBegin: true)
        let known = desk.assembly.rollout.phases.flatMap(\.criteria)
            .filter { $0.probe.kind == "attestation" }.compactMap { $0.probe.settings["statement"]?.text }
        guard known.contains(statement) else {
            let near = nearest(to: statement, among: known).map { "; did you mean '\($0)'?" } ?? ""
            throw Failure(.badInput, "no criterion asks for '\(statement)'\(near)")
        }
        guard let validity = Duration(text: validFor) else {
            throw Failure(.usage, "'\(validFor)' is no duration; write '30 days'")
        }
        try desk.demandCurrentPlan()
        let moment = wallClock()
        let attestation = Attestation(
            statement: statement,
            by: person.by,
            because: person.because,
            evidence: evidence.map(described),
            expires: moment + validity,
            planDigest: desk.planDigest,
            at: moment
        )
        try await desk.write(
            .attested(attestation),
            by: person.by,
            "attested '\(statement)' until \(attestation.expires)"
        )
    }

    private func described(_ evidence: String) -> String {
        guard FileManager.default.fileExists(atPath: evidence), let digest = try? sha256(ofFile: evidence) else {
            return evidence
        }
        return "\(evidence) (SHA-256 \(digest))"
    }
}

/// Answers for a criterion.
struct WaiveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "waive",
        abstract: "Answer for going on in spite of a criterion, until an end."
    )

    @OptionGroup var options: RolloutOptions

    @Argument(help: "The criterion, by its name.")
    var criterion: String

    @OptionGroup var person: PersonOptions

    @Option(help: "How long the waiver counts.")
    var validFor: String

    @Option(help: "The phase, where several have a criterion of that name; the present one by default.")
    var phase: String?

    func run() async throws {
        let desk = try await Person(options)
        try desk.demandBegun()
        try desk.demandCurrentPlan()
        guard let name = phase.map(PhaseName.init(rawValue:)) ?? desk.state.phase,
            let found = desk.assembly.rollout.phase(name)
        else { throw Failure(.badInput, "there is no phase '\(phase ?? "")'") }
        guard let target = found.criteria.first(where: { $0.name.rawValue == criterion }) else {
            let near = nearest(to: criterion, among: found.criteria.map(\.name.rawValue)).map {
                "; did you mean '\($0)'?"
            }
            throw Failure(.badInput, "phase '\(name)' has no criterion '\(criterion)'\(near ?? "")")
        }
        guard target.role != .kill else {
            throw Failure(.notPermitted, "'\(criterion)' is a kill criterion; no waiver covers it")
        }
        guard let validity = Duration(text: validFor) else {
            throw Failure(.usage, "'\(validFor)' is no duration; write '2 h'")
        }
        let moment = wallClock()
        let waiver = Waiver(
            phase: name,
            criterion: target.name,
            by: person.by,
            because: person.because,
            expires: moment + validity,
            planDigest: desk.planDigest,
            at: moment
        )
        try await desk.write(.waived(waiver), by: person.by, "waived '\(criterion)' until \(waiver.expires)")
    }
}

/// Asks the controller to stop and wait.
struct HoldCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold",
        abstract: "Hold the rollout where it is; guards go on, nothing is advanced until resume."
    )

    @OptionGroup var options: RolloutOptions
    @OptionGroup var person: PersonOptions

    func run() async throws {
        let desk = try await Person(options)
        try desk.demandUnderWay()
        let request = Request(kind: .hold, by: person.by, because: person.because)
        try await desk.write(.requested(request), by: person.by, "asked to hold")
    }
}

/// Takes a rollout up again.
struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Take a held rollout up again, or begin a phase anew that was stopped, rolled back or frozen."
    )

    @OptionGroup var options: RolloutOptions
    @OptionGroup var person: PersonOptions

    func run() async throws {
        let desk = try await Person(options)
        try desk.demandBegun()
        switch desk.state.status {
        case .killed: throw Failure(.notPermitted, "a killed rollout does not come back; begin a new one")
        case .finished: throw Failure(.badInput, "the rollout is finished")
        case .running where desk.state.request == nil:
            throw Failure(.badInput, "the rollout is running; there is nothing to resume")
        case .running, .held, .stopped, .rolledBack, .compensated, .frozen: break
        }
        try await desk.write(
            .resumed(by: person.by, because: person.because),
            by: person.by,
            "resumed; phasegate run goes on"
        )
    }
}

/// Takes the present phase back.
struct RollbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Take the present phase back: exposure to 0, then its migrations, each verified."
    )

    @OptionGroup var options: RolloutOptions
    @OptionGroup var person: PersonOptions
    @OptionGroup var drive: DriveOptions

    /// Writes a request and carries it out, unless another controller is at work and will.
    func run() async throws {
        let desk = try await Person(options)
        try desk.demandUnderWay()
        let request = Request(kind: .rollback, by: person.by, because: person.because)
        try await desk.write(.requested(request), by: person.by, "asked for rollback")
        do {
            throw try await Driver(options: options, drive: drive)(.run(watching: false)).code
        } catch let error as LedgerError where error.code == .leaseHeld {
            Terminal.standard.line("\(error.message); it carries the rollback out")
        }
    }
}

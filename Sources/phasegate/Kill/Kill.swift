import FoundationEssentials
import PhasegateControl
import PhasegateCore
import PhasegateFlags
import PhasegateProbes

/// Sets every place to nobody, then asks for the rest: in this order, and neither waits for the other.
struct Kill {
    let options: RolloutOptions
    let person: PersonOptions
    let drive: DriveOptions

    /// How long the ledger may take to say that a flag's phases are finished.
    private static let patience = Duration.seconds(1)

    /// What became of the request.
    private enum Entry {
        case entered(any SharedLedger)
        /// It waits beside the workspace; says why.
        case waits(String)
        /// It is neither here nor there; says why.
        case nowhere(String)
    }

    func callAsFunction() async throws -> ExitStatus {
        let assembly = try Assembly(forKilling: options)
        try demandSomethingToKill(assembly)
        let scope = KillScope(assembly)
        let sessions = assembly.sessions()
        let runner = FlagStepRunner(
            flags: assembly.flagLocations(sessions),
            actor: person.by,
            now: wallClock
        )
        let certain = Task { await close(scope.certain, runner) }
        let entering = Task { await enter(assembly) }
        let finished = scope.doubtful.isEmpty ? [] : await finishedFlags(scope.doubtful, assembly)
        for flag in finished {
            Terminal.standard.line("flag '\(flag)' stays at 100 %: its phases are finished, and others build on it")
        }
        let doubtful = await close(scope.doubtful.filter { !finished.contains($0) }, runner)
        let closings = await certain.value + doubtful
        let entry = await entering.value
        let rest = try await takeBack(after: entry, assembly)
        var open = closings.flatMap(\.open).isEmpty ? [] : closings.filter { !$0.open.isEmpty }
        if !open.isEmpty {
            // The rest may have taken its time, and a place that was away may be back.
            var still: [FlagClosing] = []
            for closing in open where await !isClosed(closing.flag, runner) { still.append(closing) }
            open = still
        }
        await sessions.closeAll()
        guard open.isEmpty else {
            throw Failure(.unreachable, "not confirmed at 0 %: " + open.map(Self.sentence).joined(separator: "; "))
        }
        if case .nowhere(let why) = entry {
            throw Failure(.cannotWrite, "every place is at 0 %, and the kill could be recorded nowhere: \(why)")
        }
        return rest
    }

    /// A mistyped workspace must not be answered with a success.
    private func demandSomethingToKill(_ assembly: Assembly) throws {
        guard case .file(let path) = assembly.places.ledger, !FileManager.default.fileExists(atPath: path) else {
            return
        }
        let stores = assembly.flagLocations.values.map(\.store)
        guard !stores.contains(where: { FileManager.default.fileExists(atPath: $0) }) else { return }
        throw Failure(
            .unreachable,
            "there is no ledger '\(path)' and no store of a flag in '\(assembly.places.workspace)': nothing was ever exposed"
        )
    }

    // MARK: Flags

    private func close(_ flags: [FlagKey], _ runner: FlagStepRunner) async -> [FlagClosing] {
        await withTaskGroup(of: FlagClosing.self) { group in
            for flag in flags { group.addTask { await runner.kill(flag, by: person.by, because: person.because) } }
            var closings: [FlagClosing] = []
            for await closing in group {
                closings.append(closing)
                Terminal.standard.line(harmless(Self.sentence(closing)))
            }
            return closings.sorted { $0.flag < $1.flag }
        }
    }

    private static func sentence(_ closing: FlagClosing) -> String {
        let confirmed = closing.places.filter(\.isConfirmed).map(\.place.description)
        let open = closing.open.map { "\($0.place) (\($0.note))" }
        let done = confirmed.isEmpty ? "" : " is at 0 % in \(confirmed.joined(separator: ", "))"
        guard !open.isEmpty else { return "flag '\(closing.flag)'\(done), and nothing raises it" }
        return "flag '\(closing.flag)'\(done)\(done.isEmpty ? " is" : ", and") not confirmed by "
            + open.joined(separator: ", ")
    }

    private func isClosed(_ flag: FlagKey, _ runner: FlagStepRunner) async -> Bool {
        guard case .done? = try? await runner.state(of: .expose(ExposureStep(flag: flag, share: .none))) else {
            return false
        }
        return true
    }

    private func finishedFlags(_ flags: [FlagKey], _ assembly: Assembly) async -> [FlagKey] {
        let (answers, continuation) = AsyncStream.makeStream(of: RolloutState?.self)
        let asking = Task {
            let ledger = try? await assembly.ledger(creating: false)
            continuation.yield(try? await ledger?.state(of: assembly.rollout.name))
        }
        let timer = Task {
            try? await Task.sleep(for: Self.patience)
            continuation.yield(nil)
        }
        defer {
            asking.cancel()
            timer.cancel()
        }
        for await state in answers {
            return state.map { KillScope.finished(flags, of: assembly.rollout, in: $0) } ?? []
        }
        return []
    }

    // MARK: The ledger

    /// Writes the request down beside the workspace, then into the ledger.
    private func enter(_ assembly: Assembly) async -> Entry {
        let pending = PendingKills(workspace: assembly.places.workspace)
        let kill = PendingKill(of: assembly.rollout.name, by: person.by, because: person.because)
        var trouble: (any Error)?
        do {
            try pending.keep(kill)
        } catch {
            trouble = error
        }
        do {
            let ledger = try await assembly.ledger(creating: false)
            if trouble == nil {
                Self.say(try await pending.enter(into: ledger, of: assembly.rollout.name), but: kill)
            } else {
                let after = try await ledger.append(
                    [.requested(kill.request)],
                    to: assembly.rollout.name,
                    by: kill.by,
                    at: wallClock()
                )
                Terminal.standard.line("asked for kill (entry \(after.sequence))")
            }
            return .entered(ledger)
        } catch {
            let why = Failure(error)?.message ?? "\(error)"
            return trouble.map { .nowhere("\(why); \(Failure($0)?.message ?? "\($0)")") } ?? .waits(why)
        }
    }

    /// Says what was entered.
    static func say(_ entered: [(PendingKill, Int)], but own: PendingKill? = nil) {
        for (kill, entry) in entered {
            let late = "entered the kill that \(kill.by) asked for at \(kill.askedAt.forPeople) UTC: \(kill.because)"
            Terminal.standard.line("\(kill == own ? "asked for kill" : harmless(late)) (entry \(entry))")
        }
    }

    /// Has the phase taken back, by us or by the controller that is at work.
    private func takeBack(after entry: Entry, _ assembly: Assembly) async throws -> ExitStatus {
        switch entry {
        case .nowhere: return .noGo
        case .waits(let why):
            Terminal.standard.line("the ledger could not be told: \(why)")
            Terminal.standard.line(
                "the next phasegate that can write to it enters the kill; then the phase is taken back"
            )
            return .noGo
        case .entered(let ledger):
            do {
                let state = try await ledger.state(of: assembly.rollout.name)
                if state.isAtRest {
                    Terminal.standard.line("'\(assembly.rollout.name)' is over: \(harmless(state.restReason ?? ""))")
                } else if state.request?.kind == .kill {
                    return try await Driver(options: options, drive: drive)(.run(watching: false))
                } else {
                    // Driving it on would be the opposite of what was asked for.
                    Terminal.standard.line("another process enters the kill; phasegate run takes the phase back")
                }
            } catch let error as LedgerError where error.code == .leaseHeld {
                Terminal.standard.line("\(error.message); it takes the phase back")
            } catch let error as LedgerError {
                Terminal.standard.line("the ledger was lost: \(error.message); phasegate run takes the phase back")
            }
            return .noGo
        }
    }
}

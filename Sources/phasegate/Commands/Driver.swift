import ArgumentParser
import FoundationEssentials
import Glibc
import PhasegateControl
import PhasegateCore
import PhasegateObservations
import PhasegateProbes
import PhasegateReports

/// What verbs share that drive a rollout.
struct DriveOptions: ParsableArguments {
    @Option(help: "How much faster than planned the clocks run; no check is skipped.")
    var timeScale: Double = 1

    @OptionGroup var junit: JUnitOptions

    func validate() throws {
        guard timeScale >= 1, timeScale <= 100_000, timeScale.isFinite else {
            throw ValidationError("--time-scale is a number from 1 to 100000")
        }
    }
}

/// Drives one rollout under its lease and writes the reports at the end, however it ends.
struct Driver {
    /// How far to go.
    enum Goal: Equatable {
        /// Weigh the present gate once, act on nothing.
        case check
        /// Go through one gate.
        case advance
        /// Go on until finished, held or stopped; when watching, holds are waited out; when standing by, so is another
        /// controller.
        case run(watching: Bool, standingBy: Bool = false)

        var isWatching: Bool { if case .run(true, _) = self { true } else { false } }
        var isStandingBy: Bool { if case .run(_, true) = self { true } else { false } }
    }

    let options: RolloutOptions
    let drive: DriveOptions

    /// Drives.
    ///
    /// - Returns: how it ended.
    func callAsFunction(_ goal: Goal, announcing: Bool = true) async throws -> ExitStatus {
        let assembly = try Assembly(options, timeScale: drive.timeScale)
        let ledger = try await assembly.ledger(creating: true)
        try await assembly.enterPendingKills(into: ledger)
        try await takeLease(of: assembly, ledger, waiting: goal.isStandingBy)
        let printer = ProgressPrinter(assembly.rollout)
        let dispatcher = try assembly.dispatcher(ledger)
        let sessions = assembly.sessions()
        let alarm = Alarm()
        let observer = assembly.observer(sessions: sessions, alarm: alarm)
        let controller = assembly.controller(
            ledger: ledger,
            sessions: sessions,
            observer: observer,
            alarm: alarm,
            onRaised: { Task { await dispatcher.poke() } },
            observe: { printer.hear($0) },
            onReading: { printer.hear($0) },
            onProgress: { printer.hear($0) }
        )
        // Beside the rollout: a receiver that hangs must not keep a guard from being weighed, and a step that takes
        // hours must not keep people from being told.
        let isTelling = goal != .check
        let courier = Task {
            await dispatcher.run(onTrouble: { printer.say(trouble: "people cannot be told: \($0)") }) {
                isTelling ? try await controller.tellWhatIsDue() : nil
            }
        }
        let result: Result<ExitStatus, any Error>
        do {
            result = .success(try await loop(goal, controller, ledger, assembly.rollout, alarm))
        } catch {
            result = .failure(error)
        }
        await observer.stop()
        await sessions.closeAll()
        await dispatcher.end()
        await courier.value
        let failureToTell = await failure { _ = try await dispatcher.deliverDue() }
        await ledger.releaseLease()
        var paths: [String] = []
        let failureToWrite = await failure {
            paths = try await assembly.writeReports(ReportFormats.builtIn, from: ledger, extra: drive.junit.extra)
        }
        let status = try result.get()
        for failure in [failureToWrite, failureToTell].compactMap(\.self) {
            // That a change did harm must not be lost behind a report that could not be written.
            guard status == .noGo else { throw failure }
            printer.say(trouble: "\(failure)")
        }
        try await sayHowItEnded(ledger, assembly, paths)
        return status
    }

    /// Takes the right to act; whoever stands by says so once and asks again until it is free.
    private func takeLease(of assembly: Assembly, _ ledger: any SharedLedger, waiting: Bool) async throws {
        var said: LedgerError.Code?
        while true {
            do {
                try await ledger.takeLease(on: assembly.rollout.name, holder: controllerName(), at: wallClock())
                if said != nil { Terminal.standard.line("took over") }
                return
            } catch let error as LedgerError where waiting && Self.mayPass(error.code, after: said) {
                if said != error.code { Terminal.standard.line("\(error.message); standing by") }
                said = error.code
                try await Task.sleep(for: assembly.places.ledger.patience)
            }
        }
    }

    /// Whether it is worth waiting: for the other controller, and for a server that was there before.
    private static func mayPass(_ code: LedgerError.Code, after said: LedgerError.Code?) -> Bool {
        switch code {
        case .leaseHeld: true
        case .unreachable: said != nil
        case .badAddress, .inDoubt, .fencedOff, .brokenChain, .unreadableEntry: false
        }
    }

    private func loop(
        _ goal: Goal,
        _ controller: RolloutController,
        _ ledger: any SharedLedger,
        _ plan: Rollout,
        _ alarm: Alarm
    ) async throws -> ExitStatus {
        let rollout = plan.name
        var gatesPassed = 0
        while true {
            let before = try await ledger.state(of: rollout)
            let pace = try await controller.tick(acting: goal != .check)
            let after = try await ledger.state(of: rollout)
            if case .rest(let status) = pace { return ExitStatus(status) }
            let weighed =
                after.gate.map { $0.rounds > (before.stage == after.stage ? before.gate?.rounds ?? 0 : 0) } ?? false
            switch goal {
            case .check:
                if weighed, let verdict = after.gate?.lastVerdict { return ExitStatus(verdict.outcome) }
                if before == after { return .hold }
                continue
            case .advance:
                if before.stage != after.stage, isAtGate(before, in: plan), after.lastDecision?.action == .advance {
                    gatesPassed += 1
                }
                if gatesPassed > 0, isAtGate(after, in: plan) { return .go }
                if weighed, let verdict = after.gate?.lastVerdict, !verdict.outcome.isOpen, !verdict.isUndecidedAlone {
                    return ExitStatus(verdict.outcome)
                }
            case .run:
                break
            }
            switch pace {
            case .onward, .rest: continue
            case .held(let moment):
                guard goal.isWatching else { return .hold }
                try await sleep(until: moment, ledger, alarm)
            case .wait(let moment): try await sleep(until: moment, ledger, alarm)
            }
        }
    }

    private func isAtGate(_ state: RolloutState, in plan: Rollout) -> Bool {
        guard let name = state.phase, let phase = plan.phase(name) else { return false }
        return phase.gates.contains { $0.name == state.stage }
    }

    /// Sleeps, but wakes when somebody writes to the ledger, as a kill must not wait for the next round, and at once
    /// when users are observed to come to harm.
    private func sleep(until moment: Moment, _ ledger: any SharedLedger, _ alarm: Alarm) async throws {
        let end = ContinuousClock.now + max(.zero, moment - wallClock())
        let mark = try await ledger.changeMark()
        try await withThrowingTaskGroup { group in
            group.addTask { await alarm.wait() }
            group.addTask {
                while ContinuousClock.now < end {
                    try await Task.sleep(for: min(.milliseconds(100), end - ContinuousClock.now))
                    if try await ledger.changeMark() != mark { return }
                }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func sayHowItEnded(_ ledger: any SharedLedger, _ assembly: Assembly, _ paths: [String]) async throws {
        let terminal = Terminal.standard
        let state = try await ledger.state(of: assembly.rollout.name)
        terminal.transient("")
        terminal.line()
        for line in StatusLines(state, rollout: assembly.rollout.name, argument: options.rollout).lines {
            terminal.line(line)
        }
        if case .hold = state.lastDecision?.action { adviseOnHold(state, assembly) }
        for path in paths { terminal.line("wrote \(path)") }
    }

    /// What a piece of work failed with.
    private func failure(of work: () async throws -> Void) async -> (any Error)? {
        do {
            try await work()
            return nil
        } catch {
            return error
        }
    }

    private func adviseOnHold(_ state: RolloutState, _ assembly: Assembly) {
        guard let gate = state.gate, let verdict = gate.lastVerdict, let phase = state.phase else { return }
        if gate.definition.gate.approvals > 0, verdict.reason.hasPrefix("waits for") {
            Terminal.standard.line(
                "to approve: phasegate approve \(options.rollout) --by NAME --because REASON  (phase '\(phase)')"
            )
        }
    }
}

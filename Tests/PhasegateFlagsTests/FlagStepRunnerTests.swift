import FoundationEssentials
import PhasegateCore
import PhasegateFlags
import Synchronization
import Testing

@Suite("flag steps")
struct FlagStepRunnerTests {
    private let scratch: Scratch
    private let store: FlagStore
    private let runner: FlagStepRunner

    init() throws {
        scratch = try Scratch()
        store = FlagStore(path: scratch.path())
        runner = Self.runner(store: store)
    }

    private final class Switch: Sendable {
        private let state = Mutex(false)
        var isOn: Bool { state.withLock { $0 } }
        func turnOn() { state.withLock { $0 = true } }
    }

    private static func runner(store: FlagStore, salt: String = "optimised-reads") -> FlagStepRunner {
        let clock = Mutex<Int64>(0)
        return FlagStepRunner(
            flags: ["optimised-reads": FlagLocation(store: store.path, salt: salt)],
            actor: "phasegate"
        ) {
            clock.withLock { time in
                time += 1
                return Moment(milliseconds: time)
            }
        }
    }

    private func expose(_ share: Int, flag: FlagKey = "optimised-reads") -> Step {
        .expose(ExposureStep(flag: flag, share: BasisPoints(rawValue: share)))
    }

    private func byHand(_ share: Int, expecting version: Int?) throws {
        try store.set(
            key: "optimised-reads",
            draw: FlagDraw(salt: "optimised-reads"),
            share: BasisPoints(rawValue: share),
            expecting: version,
            actor: "somebody",
            reason: "by hand",
            at: Moment(milliseconds: 0)
        )
    }

    @Test func handlesExposureOnly() async {
        #expect(runner.handles(expose(500)))
        #expect(!runner.handles(.checkHealth("main")))
        await #expect(throws: StepError.self) { try await runner.run(.checkHealth("main"), because: "x") }
    }

    @Test func readsItsStateFromTheStore() async throws {
        #expect(try await runner.state(of: expose(500)) == .notDone("flag 'optimised-reads' is not set"))
        // Nobody is a share like the others: it has to be written to be true.
        #expect(try await runner.state(of: expose(0)) == .notDone("flag 'optimised-reads' is not set"))
        try byHand(500, expecting: nil)
        #expect(try await runner.state(of: expose(500)) == .done("flag 'optimised-reads' is at 5 %, version 1"))
        #expect(try await runner.state(of: expose(2500)) == .notDone("flag 'optimised-reads' is at 5 %, version 1"))
    }

    @Test func setsAndReadsBack() async throws {
        let first = try await runner.run(expose(500), because: "gate passed")
        #expect(first.observed == "flag 'optimised-reads' is at 5 %, version 1")
        #expect(first.evidence["previous-share"] == "not set")
        let second = try await runner.run(expose(2500), because: "gate passed")
        #expect(second.evidence["previous-share"] == "500" && second.evidence["version"] == "2")
        let record = try #require(try store.record(of: "optimised-reads"))
        #expect(record.share.rawValue == 2500 && record.actor == "phasegate" && record.reason == "gate passed")
    }

    @Test func doesNotWriteWhatIsThere() async throws {
        _ = try await runner.run(expose(500), because: "once")
        _ = try await runner.run(expose(500), because: "twice")
        #expect(try store.history(of: "optimised-reads").count == 1)
    }

    @Test func refusesAFlagNobodyPlaced() async {
        await #expect(throws: StepError("nobody said where flag 'other' is kept")) {
            try await runner.run(expose(500, flag: "other"), because: "x")
        }
        await #expect(throws: StepError.self) { try await runner.state(of: expose(500, flag: "other")) }
    }

    @Test func throwsWhenTheStoreCannotBeRead() async throws {
        try "no database, certainly none".write(toFile: store.path, atomically: false, encoding: .utf8)
        await #expect(throws: StepError.self) { try await runner.state(of: expose(500)) }
        await #expect(throws: StepError.self) { try await runner.run(expose(500), because: "x") }
    }

    @Test func refusesToRaiseUnderAnotherSaltButStillKills() async throws {
        try byHand(500, expecting: nil)
        let reseeded = Self.runner(store: store, salt: "another")
        await #expect(throws: StepError.self) { try await reseeded.run(expose(2500), because: "x") }
        _ = try await reseeded.run(expose(0), because: "kill")
        #expect(try store.record(of: "optimised-reads")?.share == BasisPoints.none)
    }

    /// The law a kill stands on: whatever others write meanwhile, when it returns it has been at nobody.
    @Test(.timeLimit(.minutes(1))) func killsAgainstConcurrentEdits() async throws {
        try byHand(500, expecting: nil)
        let path = store.path
        let stop = Switch()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { @concurrent in
                let other = FlagStore(path: path)
                var share = 600
                while !stop.isOn {
                    guard let seen = try other.record(of: "optimised-reads"), seen.share != .none else { return }
                    share += 1
                    _ = try? other.set(
                        key: "optimised-reads",
                        draw: FlagDraw(salt: "optimised-reads"),
                        share: BasisPoints(rawValue: share),
                        expecting: seen.version,
                        actor: "somebody",
                        reason: "edit",
                        at: Moment(milliseconds: 0)
                    )
                }
            }
            try await Task.sleep(for: .milliseconds(50))
            let outcome = try await runner.run(expose(0), because: "kill")
            stop.turnOn()
            #expect(outcome.evidence["share"] == "0")
            try await group.waitForAll()
        }
        #expect(try store.record(of: "optimised-reads")?.share == BasisPoints.none)
        #expect(try store.history(of: "optimised-reads").last?.actor == "phasegate")
    }
}

@Suite("flag share reader")
struct FlagShareReaderTests {
    @Test func readsSharesAndKnowsWhenItCannot() throws {
        let scratch = try Scratch()
        let reader = FlagShareReader(flags: [
            "one": FlagLocation(store: scratch.path(), salt: "one"),
            "two": FlagLocation(store: scratch.path(), salt: "two"),
        ])
        #expect(try reader.share(of: "one") == nil)
        try FlagStore(path: scratch.path()).set(
            key: "one",
            draw: FlagDraw(salt: "one"),
            share: BasisPoints(rawValue: 500),
            expecting: nil,
            actor: "lead",
            reason: "start",
            at: Moment(milliseconds: 0)
        )
        #expect(try reader.share(of: "one")?.rawValue == 500)
        #expect(try reader.share(of: "two") == nil)
        #expect(throws: FlagError.self) { try reader.share(of: "three") }
    }
}

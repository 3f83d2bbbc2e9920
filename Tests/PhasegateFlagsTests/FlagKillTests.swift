import FoundationEssentials
import PhasegateCore
import PhasegateFlags
import Synchronization
import Testing

/// What happens to the places beside the store.
@Suite("flag steps with sinks")
struct FlagKillTests {
    private let scratch: Scratch
    private let store: FlagStore
    private let waits = Waits()

    init() throws {
        scratch = try Scratch()
        store = FlagStore(path: scratch.path())
    }

    /// Pauses that take no time and are remembered; the limit passes when a test says so.
    private final class Waits: Sendable {
        private let paused = Mutex<[Duration]>([])
        let limit = Gate()

        let calledOff = Gate()

        var total: Duration { paused.withLock { $0.reduce(.zero, +) } }

        func patience() -> FlagPatience {
            FlagPatience(
                pause: { duration in
                    self.paused.withLock { $0.append(duration) }
                    await Task.yield()
                },
                deadline: { _ in await self.limit.wait() },
                isCalledOff: { self.calledOff.isOpen }
            )
        }
    }

    private func runner(_ sinks: [FakeSink], at moment: Int64 = 1_000_000) -> FlagStepRunner {
        FlagStepRunner(
            flags: ["reads": FlagLocation(store: store.path, salt: "reads", sinks: sinks)],
            actor: "phasegate",
            patience: waits.patience()
        ) { Moment(milliseconds: moment) }
    }

    private func expose(_ share: Int) -> Step {
        .expose(ExposureStep(flag: "reads", share: BasisPoints(rawValue: share)))
    }

    @Test func raisesEveryPlaceAndWaitsForTheSlowest() async throws {
        let sinks = [FakeSink("a", propagation: .seconds(5)), FakeSink("b", propagation: .seconds(180))]
        let outcome = try await runner(sinks).run(expose(500), because: "gate passed")
        #expect(sinks.map(\.held) == ["500", "500"])
        #expect(waits.total == .seconds(180))
        #expect(outcome.evidence["sink-a"]?.hasPrefix("at 5 %") ?? false && outcome.evidence["sink-b"] != nil)
        #expect(try await runner(sinks, at: 1_180_000).state(of: expose(500)).isDone)
    }

    @Test func isNotDoneBeforeApplicationsHaveSeenIt() async throws {
        let sinks = [FakeSink("a", propagation: .seconds(180))]
        _ = try await runner(sinks).run(expose(500), because: "gate passed")
        #expect(try await runner(sinks, at: 1_179_999).state(of: expose(500)).isDone == false)
        _ = try await runner(sinks, at: 1_100_000).run(expose(500), because: "again, after a crash")
        #expect(waits.total == .seconds(180 + 80) && sinks[0].writes == 1)
    }

    /// Three minutes are long for somebody who has asked for a kill.
    @Test func doesNotWaitForApplicationsWhenItIsCalledOff() async throws {
        waits.calledOff.open()
        let sinks = [FakeSink("a", propagation: .seconds(180))]
        let outcome = try await runner(sinks).run(expose(500), because: "gate passed")
        #expect(waits.total == .zero)
        #expect(outcome.evidence["sink-a"] == "at 5 %, applications were not waited for")
    }

    @Test func holdsARaiseOverAChangeByHand() async throws {
        let sinks = [FakeSink("a"), FakeSink("b")]
        _ = try await runner(sinks).run(expose(500), because: "gate passed")
        sinks[1].hold("7777")
        await #expect {
            try await runner(sinks).run(expose(2500), because: "gate passed")
        } throws: { error in
            let error = error as? StepError
            return error?.leftTraces == false && error?.message.contains("sink 'b'") ?? false
        }
        #expect(sinks.map(\.held) == ["500", "7777"])
        #expect(try store.record(of: "reads")?.share.rawValue == 500)
    }

    @Test func doesNotTakeOverSomebodyElsesFile() async throws {
        let sink = FakeSink("a")
        sink.hold("not ours")
        await #expect(throws: StepError.self) { try await runner([sink]).run(expose(500), because: "x") }
        #expect(sink.held == "not ours")
        #expect(try store.record(of: "reads") == nil)
    }

    @Test func noticesASinkThatAcceptsAndChangesNothing() async throws {
        let sinks = [FakeSink("a", swallows: true)]
        await #expect {
            try await runner(sinks).run(expose(500), because: "x")
        } throws: { error in (error as? StepError)?.leftTraces ?? false }
        #expect(try await !runner(sinks).state(of: expose(500)).isDone)
    }

    @Test func killsOverChangesByHandAndSaysSo() async throws {
        let sinks = [FakeSink("a"), FakeSink("b")]
        _ = try await runner(sinks).run(expose(500), because: "gate passed")
        sinks[1].hold("7777")
        let outcome = try await runner(sinks).run(expose(0), because: "kill")
        #expect(sinks.map(\.held) == ["0", "0"])
        #expect(outcome.evidence["sink-a"] == "at 0 %")
        #expect(outcome.evidence["sink-b"] == "at 0 %, over a change by hand")
    }

    @Test func triesAKillAgainUntilItIsReadBack() async throws {
        let sink = FakeSink("a", failures: 4)
        _ = try await runner([sink]).run(expose(0), because: "kill")
        #expect(sink.held == "0" && sink.writes == 5)
    }

    /// One place that hangs: the other is at nobody all the same, and success is not claimed.
    @Test(.timeLimit(.minutes(1))) func isNotHeldUpByAPlaceThatHangs() async throws {
        let hanging = FakeSink("hanging", hangs: true)
        let quick = FakeSink("quick")
        let kill = Task { try await runner([hanging, quick]).run(expose(0), because: "kill") }
        while try !Task.isCancelled && (quick.held != "0" || store.record(of: "reads") == nil) { await Task.yield() }
        waits.limit.open()
        await #expect {
            try await kill.value
        } throws: { error in
            let error = error as? StepError
            return error?.message.contains("'hanging' (no answer)") ?? false && error?.leftTraces ?? false
        }
        hanging.release()
    }

    @Test func closesSinksAlthoughTheStoreCannotBeRead() async throws {
        try "no database, certainly none".write(toFile: store.path, atomically: false, encoding: .utf8)
        let sink = FakeSink("a")
        sink.hold("500")
        await #expect(throws: StepError.self) { try await runner([sink]).run(expose(0), because: "kill") }
        #expect(sink.held == "0")
    }

    @Test func looksAtEverySinkAfterACrash() async throws {
        let sinks = [FakeSink("a"), FakeSink("b")]
        _ = try await runner(sinks).run(expose(500), because: "gate passed")
        #expect(try await runner(sinks).state(of: expose(500)).isDone)
        sinks[1].hold(nil)
        #expect(try await !runner(sinks).state(of: expose(500)).isDone)
        let unreadable = [sinks[0], FakeSink("b", isUnreadable: true)]
        guard case .unclear = try await runner(unreadable).state(of: expose(500)) else {
            Issue.record("a sink that cannot be read is not known to be done")
            return
        }
    }
}

extension StepState {
    fileprivate var isDone: Bool { if case .done = self { true } else { false } }
}

import PhasegateCore
import PhasegateProbes
import PhasegateTesting
import Synchronization
import Testing

@testable import PhasegateObservations

/// A source that hands over what a test gives it.
private final class HandFed: ObservationSource {
    static let declaration = ObservationSourceDeclaration(
        kind: "hand-fed",
        summary: "A test.",
        settings: [],
        namesUsers: true
    )
    let sentence = "a test"
    private let state = Mutex((opened: 0, closed: 0))

    var opened: Int { state.withLock(\.opened) }
    var closed: Int { state.withLock(\.closed) }

    func observe(_ deliver: @Sendable (ObservationBatch) async -> Void) async throws(ObservationError) {
        state.withLock { $0.opened += 1 }
        let door = Door()
        await withTaskCancellationHandler {
            await door.pass()
        } onCancel: {
            door.open()
        }
        state.withLock { $0.closed += 1 }
    }
}

@Suite("Who watches the users of a ramp")
struct RampObserverTests {
    private let source = HandFed()
    private let alarm = Alarm()
    private let clock = ManualDuration()

    /// A phase with a ramp of 25 and 100 %, and an observer whose clock stands still unless moved.
    private func observer() throws -> (RampObserver, Phase) {
        let observation = ObservationPlan(
            source: ObservationPlan.Source(kind: "hand-fed", settings: .map([:])),
            userWindow: .seconds(5),
            burnIn: .seconds(1)
        )
        let phase = Phase(
            name: "change",
            title: "Change",
            criteria: [Steps.p95, Steps.errors],
            ramp: Ramp(
                flag: "flag",
                steps: [BasisPoints(rawValue: 2500), .all],
                soak: .seconds(60),
                observation: observation
            )
        )
        let source = source
        let clock = clock
        let observer = RampObserver(
            rollout: makeRollout([phase]),
            alarm: alarm,
            elapsed: { clock.now },
            pause: { _ in await Task.yield() },
            makeSource: { (_, _) throws(Diagnostic) in source }
        )
        return (observer, phase)
    }

    private func request(_ phase: Phase, _ gate: StageName, last: Verdict? = nil) throws -> ProbeRequest {
        let found = try #require(phase.gates.first { $0.name == gate })
        return ProbeRequest(
            phase: phase.name,
            gate: found,
            criteria: found.criteria,
            phaseEnteredAt: Moment(milliseconds: 0),
            gateOpenedAt: Moment(milliseconds: 1000),
            lastVerdict: last,
            attestations: []
        )
    }

    /// Feeds traffic until the alarm is rung or the time is over.
    private func feed(_ observer: RampObserver, _ traffic: inout Traffic, for duration: Duration) async throws {
        let end = clock.now + duration
        while clock.now < end {
            clock.advance(.milliseconds(200))
            await observer.take(.requests((0..<100).map { _ in traffic.next() }))
        }
    }

    @Test func harmRingsTheAlarmWithTheBatchThatShowsIt() async throws {
        let (observer, phase) = try observer()
        _ = try? await observer.measurement(of: Steps.p95, for: request(phase, "gate-at-25%"))
        var traffic = Traffic(share: 0.25, candidate: Traffic.Behaviour(median: 60))
        try await feed(observer, &traffic, for: .seconds(40))
        #expect(alarm.take())
        let found = try await observer.measurement(of: Steps.p95, for: request(phase, "gate-at-25%"))
        #expect(found.evidence?.answer == .fail)
        #expect(found.resolvedQuery == "a test")
        await observer.stop()
    }

    @Test func aHarmlessChangeRingsNothing() async throws {
        let (observer, phase) = try observer()
        _ = try? await observer.measurement(of: Steps.p95, for: request(phase, "gate-at-25%"))
        var traffic = Traffic(share: 0.25)
        try await feed(observer, &traffic, for: .seconds(40))
        #expect(!alarm.take())
        let found = try await observer.measurement(of: Steps.p95, for: request(phase, "gate-at-25%"))
        #expect(found.evidence?.answer == .pass)
        await observer.stop()
    }

    @Test func whoBeginsAStepAnewSpendsASixteenth() async throws {
        let (first, phase) = try observer()
        _ = try? await first.measurement(of: Steps.p95, for: request(phase, "gate-at-25%"))
        var traffic = Traffic(share: 0.25)
        try await feed(first, &traffic, for: .seconds(10))
        let seen = try await first.measurement(of: Steps.p95, for: request(phase, "gate-at-25%"))
        await first.stop()
        let verdict = Verdict(
            outcome: .hold,
            reason: "as before",
            findings: [
                Finding(
                    criterion: "p95",
                    role: .guarding,
                    strength: .must,
                    outcome: .unknown,
                    reason: "not yet",
                    bound: "",
                    evidence: seen.evidence
                )
            ],
            conditions: [],
            evidenceDigest: ""
        )
        let (second, _) = try observer()
        _ = try? await second.measurement(of: Steps.p95, for: request(phase, "gate-at-25%", last: verdict))
        try await feed(second, &traffic, for: .seconds(10))
        let again = try await second.measurement(of: Steps.p95, for: request(phase, "gate-at-25%", last: verdict))
        let before = try #require(seen.evidence?.failing?.level)
        let after = try #require(again.evidence?.failing?.level)
        #expect(abs(before / after - 16) < 1e-9)
        #expect(again.evidence?.beginning == 2)
        #expect(again.notes.contains { $0.contains("begun anew") })
        await second.stop()
    }

    @Test func aNewStepForgetsTheUsersOfTheOneBefore() async throws {
        let (observer, phase) = try observer()
        _ = try? await observer.measurement(of: Steps.errors, for: request(phase, "gate-at-25%"))
        var traffic = Traffic(share: 0.25)
        try await feed(observer, &traffic, for: .seconds(20))
        let before = try await observer.measurement(of: Steps.errors, for: request(phase, "gate-at-25%"))
        #expect(before.samples ?? 0 > 100)
        await #expect(throws: ProbeError.self) {
            let found = try await observer.measurement(of: Steps.errors, for: request(phase, "gate-at-100%"))
            // Evidence may be there without a user; it must not be that of the step before.
            if found.samples ?? 0 == 0 { throw ProbeError(.noData, "nobody yet") }
        }
        #expect(source.opened == 1, "the source of a phase goes on")
        await observer.stop()
    }

    @Test func stoppingClosesTheSource() async throws {
        let (observer, phase) = try observer()
        _ = try? await observer.measurement(of: Steps.p95, for: request(phase, "gate-at-25%"))
        while source.opened == 0 { await Task.yield() }
        await observer.stop()
        while source.closed == 0 { await Task.yield() }
        #expect(source.closed == 1)
    }

    @Test func aPhaseThatObservesNobodyIsNotMeasured() async throws {
        let (observer, phase) = try observer()
        let other = ProbeRequest(
            phase: "another",
            gate: phase.gates.first,
            criteria: [],
            phaseEnteredAt: Moment(milliseconds: 0),
            gateOpenedAt: Moment(milliseconds: 0),
            attestations: []
        )
        await #expect(throws: ProbeError.self) { try await observer.measurement(of: Steps.p95, for: other) }
    }
}

/// A clock that goes on when it is told to.
final class ManualDuration: Sendable {
    private let elapsed = Mutex(Duration.zero)

    var now: Duration { elapsed.withLock { $0 } }

    func advance(_ duration: Duration) { elapsed.withLock { $0 += duration } }
}

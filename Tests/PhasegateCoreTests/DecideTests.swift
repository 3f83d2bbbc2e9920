import PhasegateCore
import PhasegateTesting
import Testing

@Suite("What follows from a verdict")
struct DecideTests {
    @Test("a gate opens after the steady time and at least two rounds, not before")
    func steady() throws {
        var table = try GateTable()
        #expect(table.round(.passes).action == .wait)
        #expect(table.round(.passes, after: 19).action == .wait)
        #expect(table.round(.passes, after: 1).action == .advance)
    }

    @Test("one round is not held together, however late it is")
    func twoRounds() throws {
        var table = try GateTable(steady: .milliseconds(1))
        #expect(table.round(.passes, after: 500).action == .wait)
        #expect(table.round(.passes, after: 1).action == .advance)
    }

    @Test("without a steady time one good round is enough")
    func noSteady() throws {
        var table = try GateTable(steady: .zero)
        #expect(table.round(.passes).action == .advance)
    }

    @Test("a round that is not open begins the steady time anew", arguments: [Kind.fails, .unknown])
    func interrupted(by kind: Kind) throws {
        var table = try GateTable(role: .success)
        _ = table.round(.passes)
        #expect(table.round(kind, after: 10).action == .wait)
        #expect(table.round(.passes, after: 10).action == .wait)
        #expect(table.round(.passes, after: 10).action == .wait)
        #expect(table.round(.passes, after: 10).action == .advance)
    }

    @Test("waiting wakes at the next round or when the steady time is over, whichever comes first")
    func wakes() throws {
        var table = try GateTable()
        #expect(table.round(.passes).wakeAt == table.moment + .seconds(10))
        #expect(table.round(.passes, after: 15).wakeAt == table.moment + .seconds(5))
        #expect(table.round(.unknown).wakeAt == table.moment + .seconds(10))
    }

    @Test("a failed guard acts at once; a failed success waits for the timeout")
    func harm() throws {
        var guarding = try GateTable(role: .guarding)
        #expect(guarding.round(.fails).action == .rollback)
        var success = try GateTable(role: .success)
        #expect(success.round(.fails).action == .wait)
    }

    @Test("an outage of the measuring never rolls back: it waits, then holds")
    func outage() throws {
        var table = try GateTable(role: .guarding)
        for _ in 0..<59 { #expect(table.round(.unknown, after: 10).action == .wait) }
        #expect(table.round(.unknown, after: 10).action == .hold)
    }

    @Test("at the timeout the clock's action is taken")
    func timeout() throws {
        var held = try GateTable(role: .success)
        #expect(held.round(.fails, after: 599).action == .wait)
        let decision = held.round(.fails, after: 1)
        #expect(decision.action == .hold)
        #expect(decision.reason.contains("not open after 10 min"))
        var back = try GateTable(role: .success, onTimeout: .rollback)
        #expect(back.round(.unknown, after: 600).action == .rollback)
        var entry = try GateTable(role: .precondition, position: .entry, done: false)
        #expect(entry.round(.fails, after: 600).action == .stop)
        var unknownEntry = try GateTable(role: .precondition, position: .entry, done: false)
        #expect(unknownEntry.round(.unknown, after: 600).action == .hold)
    }

    @Test("a kill criterion ends the rollout for good")
    func kill() throws {
        var table = try GateTable(role: .kill)
        let decision = table.round(.fails)
        #expect(decision.action == .rollback)
        #expect(decision.isFinal)
    }

    @Test("hold holds what is open, and harm still acts")
    func holdRequest() throws {
        var table = try GateTable(role: .guarding)
        table.ask(.hold)
        #expect(table.round(.passes).action == .hold)
        #expect(table.round(.passes, after: 60).action == .hold)
        #expect(table.round(.unknown, after: 6000).action == .hold)
        #expect(table.round(.fails).action == .rollback)
    }

    @Test("what a person asks for is done whatever the gate says", arguments: [Kind.passes, .fails, .unknown])
    func requests(_ kind: Kind) throws {
        var back = try GateTable(role: .success)
        back.ask(.rollback)
        #expect(back.round(kind).action == .rollback)
        #expect(!back.round(kind).isFinal)
        var kill = try GateTable(role: .success)
        kill.ask(.kill)
        #expect(kill.round(kind).action == .rollback)
        #expect(kill.round(kind).isFinal)
    }

    @Test("what only waits for people is held, without an end, and says so")
    func people() throws {
        var table = try GateTable(approvals: 1)
        let decision = table.round(.passes)
        #expect(decision.action == .hold)
        #expect(decision.reason.contains("1 of 1 approvals"))
    }

    @Test(
        "failing means what the phase's reversibility allows",
        arguments: [
            (Reversibility.reversible, Decision.Action.rollback), (.compensable, .compensate), (.irreversible, .freeze),
        ]
    )
    func reversibility(reversibility: Reversibility, action: Decision.Action) throws {
        var changed = try GateTable(role: .guarding, reversibility: reversibility)
        #expect(changed.round(.fails).action == action)
        var unchanged = try GateTable(role: .guarding, reversibility: reversibility, done: false)
        #expect(unchanged.round(.fails).action == .stop)
    }
}

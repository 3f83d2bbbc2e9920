import PhasegateCore
import PhasegateTesting
import Testing

@Suite("The fold of the ledger")
struct RolloutStateTests {
    private let start = ManualClock.start
    private let people = (
        approval: Approval(
            phase: "reads",
            gate: "exit",
            by: "L. Brandt",
            because: "b",
            planDigest: "plan-1",
            evidenceDigest: "e",
            at: ManualClock.start
        ),
        waiver: Waiver(
            phase: "reads",
            criterion: "c",
            by: "L. Brandt",
            because: "b",
            expires: ManualClock.start + .seconds(60),
            planDigest: "plan-1",
            at: ManualClock.start
        ),
        attestation: Attestation(
            statement: "trained",
            by: "L. Brandt",
            because: "b",
            evidence: nil,
            expires: ManualClock.start + .seconds(60),
            planDigest: "plan-1",
            at: ManualClock.start
        )
    )

    private func fold(_ events: [LedgerEvent], into state: RolloutState = RolloutState()) -> RolloutState {
        events.reduce(state) { $0.foreseeing($1, at: start) }
    }

    private func exposed(_ share: Int, id: String) -> [LedgerEvent] {
        let step = Step.expose(ExposureStep(flag: "fast-reads", share: BasisPoints(rawValue: share)))
        return [
            .intended(Intent(id: id, phase: "reads", step: step, reason: "")),
            .acted(intent: id, StepOutcome(observed: "")),
        ]
    }

    @Test("an entry carries its place in the chain into the state")
    func chain() {
        var state = RolloutState()
        let event = LedgerEvent.entered(phase: "reads", stage: "entry")
        state.apply(LedgerEntry(sequence: 4, at: start, actor: "a", event: event, hash: "h4"))
        #expect(state.sequence == 4)
        #expect(state.head == "h4")
        #expect(state.lastAt == start)
        #expect(state.stage == "entry")
    }

    @Test("an intent is in flight until its outcome, and only an outcome counts as done")
    func intents() {
        let events = exposed(500, id: "1")
        let intended = fold([.entered(phase: "reads", stage: "expose-5%"), events[0]])
        #expect(intended.inFlight?.id == "1")
        #expect(intended.done.isEmpty)
        #expect(intended.exposures.isEmpty)
        let acted = fold([events[1]], into: intended)
        #expect(acted.inFlight == nil)
        #expect(acted.done.map(\.name) == ["expose-5%"])
        #expect(acted.exposures == ["fast-reads": BasisPoints(rawValue: 500)])
        let failed = fold([.failed(intent: "1", message: "no")], into: intended)
        #expect(failed.inFlight == nil)
        #expect(failed.done.isEmpty)
        #expect(failed.exposures.isEmpty)
    }

    @Test("another phase begins with nothing done; another stage of the same phase keeps what was done")
    func entering() {
        let acted = fold([.entered(phase: "reads", stage: "expose-5%")] + exposed(500, id: "1"))
        #expect(fold([.entered(phase: "reads", stage: "gate-at-5%")], into: acted).done.count == 1)
        #expect(fold([.entered(phase: "writes", stage: "entry")], into: acted).done.isEmpty)
    }

    @Test("a gap in the rounds breaks the steady time")
    func gap() throws {
        for (seconds, isBroken) in [(150, false), (151, true)] as [(Int64, Bool)] {
            var table = try GateTable(steady: .seconds(3600))
            _ = table.round(.passes)
            let since = table.state.gate?.passingSince
            _ = table.round(.passes, after: seconds)
            #expect((table.state.gate?.passingSince != since) == isBroken, "after \(seconds) s")
            #expect(table.state.gate?.passingRounds == (isBroken ? 1 : 2))
        }
    }

    @Test("a clock that stepped back breaks the steady time")
    func backwards() throws {
        var table = try GateTable()
        _ = table.round(.passes)
        _ = table.round(.passes, after: -1)
        #expect(table.state.gate?.passingSince == table.moment)
        #expect(table.state.gate?.passingRounds == 1)
    }

    @Test("failures are counted in a row; a pass and a silence end the row")
    func streaks() throws {
        var table = try GateTable()
        _ = table.round(.fails)
        _ = table.round(.fails)
        #expect(table.state.gate?.streaks["c"] == 2)
        _ = table.round(.passes)
        #expect(table.state.gate?.streaks["c"] == nil)
    }

    @Test("a changed plan voids what people said of the old one")
    func planChanged() {
        let said = fold([.approved(people.approval), .waived(people.waiver), .attested(people.attestation)])
        #expect(said.approvals.count == 1 && said.waivers.count == 1 && said.attestations.count == 1)
        let changed = fold([.planChanged(planDigest: "plan-2")], into: said)
        #expect(changed.approvals.isEmpty && changed.waivers.isEmpty && changed.attestations.isEmpty)
        #expect(changed.planDigest == "plan-2")
    }

    @Test("a waiver or statement said again replaces the earlier one")
    func again() {
        let state = fold([
            .waived(people.waiver), .waived(people.waiver), .attested(people.attestation),
            .attested(people.attestation),
        ])
        #expect(state.waivers.count == 1)
        #expect(state.attestations.count == 1)
    }

    @Test("resuming a phase at rest begins it anew, without the baselines of the attempt before")
    func resumeAtRest() {
        let settled = fold(
            [
                .entered(phase: "reads", stage: "expose-5%"),
                .baselinesFrozen(phase: "reads", ["c": Measurement(Quantity(1))]),
            ]
                + exposed(500, id: "1") + [.settled(.rolledBack, reason: "harm")]
        )
        #expect(settled.isAtRest)
        let resumed = fold([.resumed(by: "L. Brandt", because: "fixed")], into: settled)
        #expect(resumed.status == .running)
        #expect(resumed.stage == nil)
        #expect(resumed.done.isEmpty)
        #expect(resumed.baselines["reads"] == nil)
        #expect(resumed.phases["reads"]?.attempts == 2)
        #expect(resumed.restReason == nil)
    }

    @Test("resuming what was only held stays where it is and keeps what was done")
    func resumeHeld() {
        let held = fold(
            [.entered(phase: "reads", stage: "expose-5%")] + exposed(500, id: "1") + [
                .entered(phase: "reads", stage: "gate-at-5%"), .requested(Request(kind: .hold, by: "p", because: "b")),
            ]
        )
        // Before and after the controller has taken note of the request.
        for state in [held, fold([.decided(Decision(.hold, because: "b"))], into: held)] {
            let resumed = fold([.resumed(by: "p", because: "b")], into: state)
            #expect(resumed.status == .running)
            #expect(resumed.request == nil)
            #expect(resumed.stage == "gate-at-5%")
            #expect(resumed.done.count == 1, "what was done has to be known, or it is never taken back")
            #expect(resumed.phases["reads"]?.attempts == 1)
        }
    }

    @Test("resuming a held taking-back goes on taking back")
    func resumeUndoing() {
        let back = Step.expose(ExposureStep(flag: "fast-reads", share: .none))
        let held = fold(
            [.entered(phase: "reads", stage: "expose-5%")] + exposed(500, id: "1") + [
                .undoing(steps: [back], action: .rollback, reason: "harm", isFinal: false),
                .intended(Intent(id: "2", phase: "reads", step: back, reason: "harm")),
                .decided(Decision(.hold, because: "cannot be read")),
            ]
        )
        let resumed = fold([.resumed(by: "p", because: "readable again")], into: held)
        #expect(resumed.undoing?.left == [back])
    }
}

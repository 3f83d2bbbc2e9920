import PhasegateCore

extension FlagStepRunner {
    /// Sets a share that exposes somebody: store, sinks, each read back, then the time applications need.
    func set(_ exposure: ExposureStep, because reason: String) async throws(StepError) -> StepOutcome {
        let raised = try await raise(exposure, because: reason)
        let sinks = flags[exposure.flag]?.sinks ?? []
        let propagation = flags[exposure.flag]?.propagation ?? .zero
        let wait = raised.isChanged ? propagation : unseen(raised.after, propagation: propagation)
        let hasWaited = await patience.wait(wait)
        guard hasWaited || !Task.isCancelled else {
            throw StepError(
                "flag '\(exposure.flag)' is set, and applications may not have seen it",
                leftTraces: true
            )
        }
        // A kill while applications were waited for is known to whoever made it, and must be to us.
        try await standBy(raised.after, sinks)
        var notes: [String: String] = [:]
        for sink in sinks {
            notes[sink.name] =
                "at \(raised.after.share), "
                + (hasWaited
                    ? "seen by applications within \(sink.propagation.forPeople)" : "applications were not waited for")
        }
        return outcome(raised.after, previous: raised.before, sinks: notes)
    }

    /// Sets store and sinks while no one else does.
    private func raise(
        _ exposure: ExposureStep,
        because reason: String
    ) async throws(StepError) -> (before: FlagRecord?, after: FlagRecord, isChanged: Bool) {
        let store = try await onQueue { () throws(FlagError) in try reader.store(of: exposure.flag) }
        let sinks = flags[exposure.flag]?.sinks ?? []
        guard let lock = try await lock(exposure.flag) else {
            throw StepError("somebody else is changing flag '\(exposure.flag)'")
        }
        defer { lock.release() }
        let last = try await onQueue { () throws(FlagError) in try store.record(of: exposure.flag) }
        if let last, last.isKilled { throw StepError(last.refusalToRaise.message) }
        let draw = last?.draw ?? flags[exposure.flag]?.draw ?? FlagDraw(salt: exposure.flag.rawValue)
        let rule = FlagRule(key: exposure.flag, draw: draw, share: exposure.share)
        let seen = try await contents(of: sinks, last: last, wanted: rule)
        let (before, after) = try await onQueue { () throws(FlagError) in
            try self.store(exposure, because: reason)
        }
        var isChanged = false
        for (sink, seen) in zip(sinks, seen) where seen != sink.content(for: after.rule) {
            try await standBy(after, sinks)
            do throws(StepError) {
                try await write(after.rule, to: sink, over: seen)
            } catch {
                try await standBy(after, sinks)
                throw error
            }
            isChanged = true
        }
        try await standBy(after, sinks)
        return (before, after, isChanged)
    }

    /// Gives way when somebody set the flag after us: their kill must not be followed by what we still had to write.
    private func standBy(_ ours: FlagRecord, _ sinks: [any FlagSink]) async throws(StepError) {
        let present = try await onQueue { () throws(FlagError) in
            try reader.store(of: ours.key).record(of: ours.key)
        }
        guard present != ours else { return }
        let who = present.map { "\($0.isKilled ? "killed" : "set to \($0.share)") by '\($0.actor)': \($0.reason)" }
        let message = "flag '\(ours.key)' was \(who ?? "deleted") while it was raised to \(ours.share)"
        let nobody = FlagRule(key: ours.key, draw: ours.draw, share: .none)
        guard present?.share == BasisPoints.none else { throw StepError(message, leftTraces: true) }
        let closings = await closePlaces(
            sinks.map { PlaceToClose($0, to: nobody, last: ours.rule) },
            patience: patience
        )
        let open = closings.filter { !$0.isConfirmed }.map { "\($0.place) (\($0.note))" }
        guard open.isEmpty else {
            let rest = open.joined(separator: ", ")
            throw StepError("\(message), and 0 % is not confirmed by \(rest)", leftTraces: true)
        }
        throw StepError("\(message); nobody is exposed anywhere")
    }

    /// What the sinks hold; refuses to raise over what somebody else wrote.
    private func contents(
        of sinks: [any FlagSink],
        last: FlagRecord?,
        wanted: FlagRule
    ) async throws(StepError) -> [String?] {
        var contents: [String?] = []
        for sink in sinks {
            let seen: String?
            do {
                seen = try await sink.read()
            } catch {
                throw StepError("sink '\(sink.name)' cannot be read: \(error.message)")
            }
            // A flag that we never set may be there, at nobody: other systems' flags are made by people.
            let before = last?.rule ?? FlagRule(key: wanted.key, draw: wanted.draw, share: .none)
            let ours = [before, wanted].map(sink.content(for:))
            if let seen, !ours.contains(seen) {
                throw StepError(
                    "sink '\(sink.name)' of flag '\(wanted.key)' does not hold what was last written: somebody else "
                        + "changed it; set it back, or lower the flag to nobody, which overwrites it"
                )
            }
            contents.append(seen)
        }
        return contents
    }

    private func write(_ rule: FlagRule, to sink: any FlagSink, over seen: String?) async throws(StepError) {
        do throws(FlagError) {
            try await sink.write(rule, over: seen)
            guard try await sink.read() == sink.content(for: rule) else {
                throw FlagError(.notReadBack, "it was written and does not show it")
            }
        } catch {
            throw StepError("sink '\(sink.name)' is not at \(rule.share): \(error.message)", leftTraces: true)
        }
    }
}

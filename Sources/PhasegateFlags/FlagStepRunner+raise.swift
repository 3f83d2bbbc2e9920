import PhasegateCore

extension FlagStepRunner {
    /// Sets a share that exposes somebody: store, sinks, each read back, then the time applications need.
    func set(_ exposure: ExposureStep, because reason: String) async throws(StepError) -> StepOutcome {
        let store = try await onQueue { () throws(FlagError) in try reader.store(of: exposure.flag) }
        let sinks = flags[exposure.flag]?.sinks ?? []
        let last = try await onQueue { () throws(FlagError) in try store.record(of: exposure.flag) }
        let draw = last?.draw ?? flags[exposure.flag]?.draw ?? FlagDraw(salt: exposure.flag.rawValue)
        let rule = FlagRule(key: exposure.flag, draw: draw, share: exposure.share)
        let seen = try await contents(of: sinks, last: last, wanted: rule)
        let (before, after) = try await onQueue { () throws(FlagError) in
            try self.store(exposure, because: reason)
        }
        var notes: [String: String] = [:]
        var isChanged = false
        for (sink, seen) in zip(sinks, seen) {
            if seen != sink.content(for: after.rule) {
                try await write(after.rule, to: sink, over: seen)
                isChanged = true
            }
            notes[sink.name] = "at \(after.share), seen by applications within \(sink.propagation.forPeople)"
        }
        let propagation = flags[exposure.flag]?.propagation ?? .zero
        let wait = isChanged ? propagation : unseen(after, propagation: propagation)
        if await !patience.wait(wait) {
            guard !Task.isCancelled else {
                throw StepError(
                    "flag '\(exposure.flag)' is set, and applications may not have seen it",
                    leftTraces: true
                )
            }
            for sink in sinks { notes[sink.name] = "at \(after.share), applications were not waited for" }
        }
        return outcome(after, previous: before, sinks: notes)
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
            let ours = [last?.rule, wanted].compactMap(\.self).map(sink.content(for:))
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

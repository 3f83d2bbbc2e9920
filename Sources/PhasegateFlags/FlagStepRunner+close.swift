public import PhasegateCore
import Synchronization

extension FlagStepRunner {
    /// Who wants a flag closed for good.
    struct KillOrder: Sendable {
        let by: String
        let reason: String
    }

    /// Kills a flag: nobody everywhere at once, and no raise before somebody lifts it.
    ///
    /// - Parameters:
    ///   - flag: the flag.
    ///   - person: who.
    ///   - reason: why.
    /// - Returns: what each place shows; those that are not confirmed were tried until the end of patience.
    public func kill(_ flag: FlagKey, by person: String, because reason: String) async -> FlagClosing {
        await close(flag, as: KillOrder(by: person, reason: reason), because: reason)
    }

    /// Sets nobody everywhere at once; succeeds only when the store and every sink show it.
    func close(_ exposure: ExposureStep, because reason: String) async throws(StepError) -> StepOutcome {
        let closing = await close(exposure.flag, as: nil, because: reason)
        let open = closing.open.map { "\($0.place) (\($0.note))" }
        guard let after = closing.after else {
            let store = closing.places.first { $0.place == .store }?.note ?? "its store cannot be set"
            let sinks = closing.open.filter { $0.place != .store }.map { "\($0.place) (\($0.note))" }
            guard closing.places.count > 1 else { throw StepError(store) }
            let rest = sinks.isEmpty ? "its sinks are" : "not confirmed by " + sinks.joined(separator: ", ")
            throw StepError("\(store); \(rest) at \(exposure.share)", leftTraces: true)
        }
        guard open.isEmpty else {
            throw StepError(
                "flag '\(exposure.flag)' is at \(after.share) in its store, but not confirmed by "
                    + open.joined(separator: ", "),
                leftTraces: true
            )
        }
        var notes: [String: String] = [:]
        for closing in closing.places { if case .sink(let name) = closing.place { notes[name] = closing.note } }
        return outcome(after, previous: closing.before, sinks: notes)
    }

    /// Sets nobody in the store and all sinks at the same time, over whatever they hold.
    ///
    /// None waits for another: sinks are closed although the store cannot be
    /// read, and the other way round. What a raise that is under way writes meanwhile
    /// is closed once it is over; before that nothing is confirmed.
    private func close(_ flag: FlagKey, as order: KillOrder?, because reason: String) async -> FlagClosing {
        let location = flags[flag]
        let last = try? await onQueue { () throws(FlagError) in try reader.store(of: flag).record(of: flag) }
        let planned = location?.draw ?? FlagDraw(salt: flag.rawValue)
        // The content of nobody does not depend on the draw in files; a table shows the one it is kept with.
        let rule = FlagRule(key: flag, draw: last?.draw ?? planned, share: .none)
        let records = Mutex<(before: FlagRecord?, after: FlagRecord)?>(nil)
        let store = PlaceToClose(place: .store) { _ in
            await self.closeStore(of: flag, as: order, because: reason) { pair in records.withLock { $0 = pair } }
        }
        let sinks = (location?.sinks ?? []).map { PlaceToClose($0, to: rule, last: last?.rule) }
        let attempt = await lockAttempt(flag)
        var places = await closePlaces([store] + sinks, patience: patience)
        switch attempt {
        case .taken(let lock): lock.release()
        // Where there can be no lock, nobody raises either.
        case .impossible: break
        case .busy:
            if let lock = await waitForLock(flag) {
                places = await closePlaces([store] + sinks, patience: patience)
                lock.release()
            } else {
                let note = "somebody began it before, and it has not ended; it may still write to a sink"
                places.append(PlaceClosing(place: .raiseUnderWay, isConfirmed: false, note: note))
            }
        }
        let isStored = places.first { $0.place == .store }?.isConfirmed ?? false
        let pair = records.withLock { $0 }
        return FlagClosing(
            flag: flag,
            places: places,
            before: pair?.before ?? last,
            after: isStored ? pair?.after : nil
        )
    }

    private func closeStore(
        of flag: FlagKey,
        as order: KillOrder?,
        because reason: String,
        keep: @Sendable ((before: FlagRecord?, after: FlagRecord)) -> Void
    ) async -> ClosingAttempt {
        let draw = flags[flag]?.draw ?? FlagDraw(salt: flag.rawValue)
        let exposure = ExposureStep(flag: flag, share: .none)
        do throws(FlagError) {
            let pair = try await results { () throws(FlagError) -> (before: FlagRecord?, after: FlagRecord) in
                guard let order else { return try store(exposure, because: reason) }
                return try reader.store(of: flag)
                    .kill(flag, draw: draw, by: order.by, because: order.reason, at: now())
            }.get()
            keep(pair)
            return .confirmed("at \(pair.after.share)")
        } catch {
            switch error.code {
            case .conflict, .notWritten, .notReadBack: return .failed(error.message)
            case .invalid, .unknownFlag, .drawDiffers, .killed, .unreadable, .foreignFile:
                return .refused(error.message)
            }
        }
    }

    // MARK: The lock

    private enum LockAttempt {
        case taken(FlagRaiseLock)
        case busy
        case impossible
    }

    private func lockAttempt(_ flag: FlagKey) async -> LockAttempt {
        do {
            return try await lock(flag).map(LockAttempt.taken) ?? .busy
        } catch {
            return .impossible
        }
    }

    /// Takes the right to raise; nothing while somebody else has it.
    func lock(_ flag: FlagKey) async throws(StepError) -> FlagRaiseLock? {
        guard let store = flags[flag]?.store else {
            throw StepError("nobody said where flag '\(flag)' is kept")
        }
        return try await onQueue { () throws(FlagError) in try FlagRaiseLock.take(flag, of: store) }
    }

    /// As `lock`, for as long as patience lasts.
    func waitForLock(_ flag: FlagKey) async -> FlagRaiseLock? {
        var waited = Duration.zero
        while waited < patience.limit, !Task.isCancelled {
            if let lock = try? await lock(flag) { return lock }
            await patience.pause(patience.retry)
            waited += patience.retry
        }
        return nil
    }
}

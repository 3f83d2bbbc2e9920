public import PhasegateCore

// A kill and its lifting: what no schedule can undo, and what only a person does.
extension FlagStore {
    /// Sets a flag to nobody for good: every raise is refused until somebody lifts it.
    ///
    /// Gives way to nobody: whatever version the flag is at, and also over a
    /// record that is damaged. A flag that is killed already stays as it is, with who
    /// killed it first.
    ///
    /// - Parameters:
    ///   - key: the flag.
    ///   - draw: how it decides, where it was never set.
    ///   - actor: who kills it.
    ///   - reason: why.
    ///   - moment: when.
    /// - Returns: the records before, if there was one that could be read, and after.
    /// - Throws: `FlagError`; after `notReadBack` the store may hold the kill, after anything else it is as it was.
    @discardableResult
    public func kill(
        _ key: FlagKey,
        draw: FlagDraw,
        by actor: String,
        because reason: String,
        at moment: Moment
    ) throws(FlagError) -> (before: FlagRecord?, after: FlagRecord) {
        try Self.validate(key: key, draw: draw, actor: actor, reason: reason)
        var before: FlagRecord?
        let record = try write(key: key, isForgiving: true) { current, next throws(FlagError) in
            before = current
            if let current, current.isKilled { return current }
            return FlagRecord(
                key: key,
                draw: current?.draw ?? draw,
                share: .none,
                version: next,
                changedAt: moment,
                actor: actor,
                reason: reason,
                evidence: "",
                isKilled: true
            )
        }
        return (before, try readBack(record))
    }

    /// Lets a killed flag be raised again, by another rollout; it stays at nobody.
    ///
    /// - Parameters:
    ///   - key: the flag.
    ///   - actor: who answers for it.
    ///   - reason: why it may be raised again.
    ///   - moment: when.
    /// - Returns: the record as it was read back.
    /// - Throws: `FlagError` with `invalid` when it was not killed; as `set` otherwise.
    @discardableResult
    public func lift(
        _ key: FlagKey,
        by actor: String,
        because reason: String,
        at moment: Moment
    ) throws(FlagError) -> FlagRecord {
        try readBack(
            write(key: key) { current, next throws(FlagError) in
                guard let current, current.isKilled else {
                    throw FlagError(.invalid, "flag '\(key)' was not killed; there is nothing to lift")
                }
                try Self.validate(key: key, draw: current.draw, actor: actor, reason: reason)
                return FlagRecord(
                    key: key,
                    draw: current.draw,
                    share: .none,
                    version: next,
                    changedAt: moment,
                    actor: actor,
                    reason: reason,
                    evidence: ""
                )
            }
        )
    }
}

extension FlagRecord {
    /// Why a killed flag is not raised.
    var refusalToRaise: FlagError {
        FlagError(
            .killed,
            "flag '\(key)' was killed by '\(actor)' at \(changedAt.forPeople) UTC: \(reason); nothing raises it before "
                + "somebody lifts that (phasegate flags lift)"
        )
    }
}

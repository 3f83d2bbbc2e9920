public import PhasegateCore

/// A drill: the newest copy of a server's files and its log bring back a moment, on a server of their own.
public struct RestoreDrillProbe: ProbeKind {
    /// `restore-drill`.
    public static let name: ProbeName = "restore-drill"
    /// What it measures.
    public static let summary = "How long it takes to bring a server back to a moment from its files and its log."
    /// Its keys.
    public static let settings: [Shape.Key] = [
        .target,
        Shape.Key("directory", .text, "Where backups lie, relative to the workspace; `backups` by default."),
        Shape.Key(
            "log",
            .text,
            required: true,
            "Directory of the archived log (PostgreSQL) or of the binary log (MariaDB); relative to the workspace, or absolute."
        ),
        Shape.Key("ago", .duration, "The moment, as a duration before now."),
        Shape.Key("at", .moment, "The moment, in UTC."),
        Shape.Key("point", .text, "The moment, as the name of a restore point; PostgreSQL only."),
        Shape.Key("query", .text, "A query with one value, asked of the restored database."),
        Shape.Key("expect", .scalar, "What the query has to return."),
        Shape.Key(
            "measure",
            .oneOf(["time", "outcome"]),
            "`time` until the restored server answered (default), or the `outcome`: restored or wrong."
        ),
    ]

    private let target: TargetName
    private let directory: String
    private let log: String
    private let distance: Duration?
    private let moment: Moment?
    private let point: String?
    private let query: String?
    private let expected: String?
    private let isTimed: Bool

    /// Reads the settings.
    ///
    /// - Throws: `Diagnostic` unless there is exactly one moment, and a query with what it has to return, or neither.
    public init(_ settings: Setting) throws(Diagnostic) {
        target = settings.target
        directory = settings["directory"]?.text ?? "backups"
        log = settings["log"]?.text ?? ""
        distance = settings["ago"]?.duration
        moment = settings["at"]?.text.flatMap(Moment.init)
        point = settings["point"]?.text
        query = settings["query"]?.text
        expected = settings["expect"]?.text
        isTimed = settings["measure"]?.text != "outcome"
        guard [distance != nil, moment != nil, point != nil].count(where: { $0 }) == 1 else {
            throw Diagnostic(
                rule: "bad-moment",
                "a drill needs one moment to come back to",
                hint: "say 'ago: 30 min', 'at: 2026-11-21T07:30:00Z' or 'point: before-release'"
            )
        }
        guard (query == nil) == (expected == nil) else {
            throw Diagnostic(
                rule: "missing-key",
                "'query' and 'expect' belong together",
                hint: "the one says what is asked, the other what the answer has to be"
            )
        }
    }

    /// Seconds, or `restored` or `wrong`.
    public var output: ProbeOutput { isTimed ? .number(.time, 0...6e10) : .words(["restored", "wrong"]) }

    /// Restores, asks, and throws the restored server away; criteria of one round that drill the same share it.
    public func measure(in context: ProbeContext) async throws(ProbeError) -> Measurement {
        let goal = point.map(RecoveryMoment.point) ?? .time(moment ?? context.now + (.zero - (distance ?? .zero)))
        let key = "restore-drill:\(target):\(directory):\(log):\(goal):\(query ?? ""):\(expected ?? "")"
        let drill: Drill
        if let known = await context.memo.recall(key, as: Drill.self) {
            drill = known
        } else {
            drill = try await carryOut(to: goal, in: context)
            await context.memo.remember(drill, under: key)
        }
        let isRight = drill.answer == expected
        guard isTimed else {
            return Measurement(
                Quantity(word: isRight ? "restored" : "wrong"),
                resolvedQuery: drill.base,
                notes: drill.notes(expecting: expected)
            )
        }
        guard isRight else {
            throw ProbeError(
                .failed,
                "back at \(goal) the answer is '\(drill.answer ?? "nothing")' and not '\(expected ?? "")': the time says "
                    + "nothing then"
            )
        }
        guard let quantity = Quantity(real: drill.seconds, .seconds) else {
            throw ProbeError(.notAValue, "the drill took no time")
        }
        return Measurement(quantity, resolvedQuery: drill.base, notes: drill.notes(expecting: expected))
    }

    /// What a drill came to.
    private struct Drill: Sendable {
        let base: String
        let seconds: Double
        let proof: String
        let answer: String?

        func notes(expecting expected: String?) -> [String] {
            [base, "\(proof), in \(shortDecimal(seconds)) s"]
                + (expected.map { ["expected '\($0)', found '\(answer ?? "nothing")'"] } ?? [])
        }
    }

    private func carryOut(to goal: RecoveryMoment, in context: ProbeContext) async throws(ProbeError) -> Drill {
        let begin = ContinuousClock.now
        do throws(SessionError) {
            let (engine, origin) = try await context.sessions.backups(of: target)
            guard let restorer = engine as? any MomentRestoring,
                let format = engine.backupFormats.first(where: \.isPhysical)
            else { throw SessionError(.unsupported, "\(engine.name) has no log that could be repeated") }
            let (artifact, taken) = try base(for: goal, format, in: context)
            try await context.sessions.demandFingerprint(of: target)
            let restored = try await restorer.restore(
                artifact,
                followedBy: context.path(log),
                to: goal,
                into: ScratchPlace(origin: origin, directory: context.scratchDirectory, purpose: "drill"),
                within: context.deadline
            )
            let seconds = (ContinuousClock.now - begin).inSeconds
            let answer: Result<String?, SessionError>
            do throws(SessionError) {
                answer = .success(try await self.answer(of: engine, at: restored.scratch, within: context.deadline))
            } catch {
                answer = .failure(error)
            }
            await engine.remove(restored.scratch)
            return Drill(
                base: "'\(artifact)' of \(taken), and the log to \(goal)",
                seconds: seconds,
                proof: restored.proof,
                answer: try answer.get()
            )
        } catch {
            // What is missing was never there to be measured.
            throw error.code == .constraint ? ProbeError(.noData, error.message) : ProbeError(error)
        }
    }

    /// The newest copy of files from before the moment; before now, where the moment has a name only.
    private func base(for goal: RecoveryMoment, _ format: BackupFormat, in context: ProbeContext)
        throws(SessionError) -> (artifact: String, taken: String)
    {
        var latest = context.now
        if case .time(let moment) = goal { latest = min(moment, latest) }
        let folder = context.path(directory)
        let keeper = BackupKeeper(
            target: target,
            directory: folder,
            scratchDirectory: context.scratchDirectory,
            sessions: context.sessions,
            format: format
        )
        guard let newest = keeper.newest(notOlderThan: .seconds(Int64.max / 2_000_000), at: latest),
            let manifest = try? BackupManifest(file: newest)
        else {
            throw SessionError(
                .constraint,
                "in '\(folder)' there is no backup of '\(target)' of the format '\(format.rawValue)' from before \(goal); a "
                    + "'backup' criterion of that format takes one"
            )
        }
        return ("\(folder)/\(manifest.artifact)", manifest.takenAt)
    }

    private func answer(of engine: any BackupTaking, at scratch: DatabaseLocation, within limit: Duration)
        async throws(SessionError) -> String?
    {
        let session = try await engine.open(scratch, for: .reading)
        guard let query else {
            await session.close()
            return nil
        }
        return try await closing(session) { (session) throws(SessionError) -> String? in
            let rows = try await session.rows(SQLQuery(literal: query), within: limit)
            guard rows.count == 1, let value = rows[0].values.first, rows[0].values.count == 1 else {
                throw SessionError(.badStatement, "the query of the drill has to return one value")
            }
            return value.words
        }
    }
}

extension SQLValue {
    /// As somebody would write it who expects it; nothing for NULL and bytes.
    fileprivate var words: String? {
        switch self {
        case .null, .blob: nil
        case .integer(let number): String(number)
        case .real(let number): shortDecimal(number)
        case .decimal(let digits): digits
        case .text(let text): text
        }
    }
}

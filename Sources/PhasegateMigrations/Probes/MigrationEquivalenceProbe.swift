import FoundationEssentials
import Glibc
public import PhasegateCore
import PhasegateHashing
public import PhasegateProbes

/// Whether two chains of migrations build the same.
public struct MigrationEquivalenceProbe: ProbeKind {
    /// `migration-equivalence`.
    public static let name: ProbeName = "migration-equivalence"
    /// What it measures.
    public static let summary =
        "Whether two directories of migrations turn copies of the target into the same schema, contents and answers."
    /// Its keys.
    public static let settings: [Shape.Key] = [
        .target,
        Shape.Key(
            "migrations",
            .text,
            required: true,
            "The directory that is the measure, relative to the rollout file."
        ),
        Shape.Key(
            "with",
            .text,
            required: true,
            "The directory that is to build the same, relative to the rollout file."
        ),
        Shape.Key("queries", .text, "File of SELECTs whose answers have to be the same, relative to the rollout file."),
    ]

    private let target: TargetName
    private let reference: String
    private let candidate: String
    private let queries: String?

    /// Reads the settings.
    public init(_ settings: Setting) throws(Diagnostic) {
        target = settings.target
        reference = settings["migrations"]?.text ?? ""
        candidate = settings["with"]?.text ?? ""
        queries = settings["queries"]?.text
        guard reference != candidate else {
            throw Diagnostic(
                rule: "same-migrations",
                "'\(candidate)' would be compared with itself",
                hint: "name another directory under 'with'"
            )
        }
    }

    /// `equivalent` or `differs`.
    public var output: ProbeOutput { .words(["equivalent", "differs"]) }

    /// Copies the target twice, runs a chain on each copy, compares, and throws the copies away.
    ///
    /// Migrations that the target's journal has already are left out. Where
    /// the chain that is the measure does not apply there is nothing to compare
    /// with; where the other one does not, that is a difference.
    public func measure(in context: ProbeContext) async throws(ProbeError) -> Measurement {
        let chains = (
            try migrations(in: reference, for: target, context), try migrations(in: candidate, for: target, context)
        )
        let asked = try recorded(context)
        let (engine, origin): (any BackupTaking, DatabaseLocation)
        do throws(SessionError) {
            (engine, origin) = try await context.sessions.restores(of: target)
        } catch {
            throw ProbeError(error)
        }
        let artifact = try await dump(origin, of: engine, context)
        defer { try? FileManager.default.removeItem(atPath: artifact) }
        var outcomes: [Result<Built, ChainError>] = []
        for files in [chains.0, chains.1] {
            outcomes.append(try await build(files, from: artifact, origin, of: engine, asked, context))
        }
        let measure: Built
        switch outcomes[0] {
        case .success(let built): measure = built
        case .failure(let error): throw ProbeError(.failed, "'\(reference)' does not apply: \(error.words)")
        }
        let differences: [String]
        var facts: [String] = []
        switch outcomes[1] {
        case .failure(let error): differences = ["'\(candidate)' does not apply: \(error.words)"]
        case .success(let built):
            differences = built.differences(from: measure, namely: candidate, reference)
            facts = [
                "\(measure.applied) files of '\(reference)' and \(built.applied) of '\(candidate)': "
                    + "\(measure.content.schema.tables.count) tables, \(measure.answers.count) recorded queries"
            ]
        }
        return Measurement(
            Quantity(word: differences.isEmpty ? "equivalent" : "differs"),
            samples: measure.content.tables.count + measure.answers.count,
            resolvedQuery: "'\(candidate)' against '\(reference)' on copies of '\(target)'",
            notes: facts + differences.prefix(20)
        )
    }

    /// The recorded queries, one a statement; none where no file is named.
    private func recorded(_ context: ProbeContext) throws(ProbeError) -> [SQLScript.Statement] {
        guard let queries else { return [] }
        let path = absolutePath(queries, in: context.planDirectory)
        guard let data = FileManager.default.contents(atPath: path), data.count <= 16_000_000 else {
            throw ProbeError(.unreachable, "'\(path)' cannot be read or has more than 16 MB")
        }
        let statements = SQLScript(String(decoding: data, as: UTF8.self), context.rollout.dialect(of: target))
            .statements
        guard !statements.isEmpty else { throw ProbeError(.noData, "'\(queries)' has no queries") }
        return statements
    }

    private func dump(_ origin: DatabaseLocation, of engine: any BackupTaking, _ context: ProbeContext)
        async throws(ProbeError) -> String
    {
        guard let format = engine.backupFormats.first else {
            throw ProbeError(.unsupported, "\(engine.name) takes no backups")
        }
        do throws(SessionError) {
            do {
                try FileManager.default.createDirectory(
                    atPath: context.scratchDirectory,
                    withIntermediateDirectories: true
                )
            } catch {
                throw SessionError(.unreachable, "cannot make '\(context.scratchDirectory)': \(error)")
            }
            let path = "\(context.scratchDirectory)/equivalence-\(getpid())-\(UUID().uuidString).\(format.suffix)"
            _ = try await engine.backUp(origin, to: path, as: format, hashing: false, within: context.deadline)
            return path
        } catch {
            throw ProbeError(error)
        }
    }

    // MARK: One chain

    /// What a chain has built.
    private struct Built: Sendable {
        let content: SnapshotContent
        let answers: [(query: String, isOrdered: Bool, rows: [SQLRow])]
        let applied: Int

        func differences(from other: Built, namely ours: String, _ theirs: String) -> [String] {
            var found = content.schema.differences(from: other.content.schema, namely: "'\(ours)'", "'\(theirs)'")
            let contents = Dictionary(uniqueKeysWithValues: other.content.tables.map { ($0.table, $0) })
            for table in content.tables {
                guard let twin = contents[table.table], twin != table else { continue }
                found.append(
                    "table '\(table.table)' holds something else: \(table.rows) rows, \(twin.rows) by '\(theirs)'"
                )
            }
            for (answer, twin) in zip(answers, other.answers) {
                let isSame =
                    answer.isOrdered
                    ? answer.rows == twin.rows : answer.rows.counted == twin.rows.counted
                guard !isSame else { continue }
                let counts = "\(answer.rows.count) rows, \(twin.rows.count) by '\(theirs)'"
                found.append("a query is answered otherwise (\(counts)): \(answer.query.prefix(200))")
            }
            return found
        }
    }

    /// A chain that does not apply; tells of the chain, not of the measuring.
    private struct ChainError: Error {
        let words: String
    }

    private func build(
        _ files: [MigrationFile],
        from artifact: String,
        _ origin: DatabaseLocation,
        of engine: any BackupTaking,
        _ queries: [SQLScript.Statement],
        _ context: ProbeContext
    ) async throws(ProbeError) -> Result<Built, ChainError> {
        let copy: DatabaseLocation
        do throws(SessionError) {
            copy = try await engine.restore(
                artifact,
                as: engine.backupFormats[0],
                into: ScratchPlace(origin: origin, directory: context.scratchDirectory, purpose: "equivalence"),
                within: context.deadline
            )
        } catch {
            throw ProbeError(error)
        }
        let result: Result<Result<Built, ChainError>, ProbeError>
        do throws(SessionError) {
            let session = try await engine.open(copy, for: .writing)
            result = .success(
                try await closing(session) { (session) throws(SessionError) in
                    try await build(files, in: session, queries, context)
                }
            )
        } catch {
            result = .failure(ProbeError(error))
        }
        await engine.remove(copy)
        return try result.get()
    }

    private func build(
        _ files: [MigrationFile],
        in session: any DatabaseSession,
        _ queries: [SQLScript.Statement],
        _ context: ProbeContext
    ) async throws(SessionError) -> Result<Built, ChainError> {
        let journal = try await MigrationJournal(session: session, limit: context.deadline).rows()
        let applied = Set(journal.map(\.checksum))
        let pending = files.filter { !applied.contains($0.checksum) }
        for file in pending {
            for statement in SQLScript(file.sql, file.dialect).statements {
                do throws(SessionError) {
                    try await session.run(script: statement.text, within: context.deadline)
                } catch {
                    // These tell of the measuring; the others of the statement.
                    if [.timedOut, .unreachable, .full, .closed].contains(error.code) { throw error }
                    return .failure(ChainError(words: "\(file.name), line \(statement.line): \(error.message)"))
                }
            }
        }
        var answers: [(query: String, isOrdered: Bool, rows: [SQLRow])] = []
        for query in queries {
            do throws(SessionError) {
                let rows = try await session.rows(SQLQuery(literal: query.text), within: context.deadline)
                let isOrdered = query.normalized.uppercased().contains("ORDER BY")
                answers.append((query.normalized, isOrdered, rows))
            } catch {
                if [.timedOut, .unreachable, .full, .closed].contains(error.code) { throw error }
                return .failure(ChainError(words: "recorded query of line \(query.line): \(error.message)"))
            }
        }
        return .success(
            Built(
                content: try await session.contents(hashing: true, within: context.deadline),
                answers: answers,
                applied: pending.count
            )
        )
    }
}

extension [SQLRow] {
    /// How often each row is there: without an order two answers are the same when these are.
    fileprivate var counted: [SQLRow: Int] { reduce(into: [:]) { $0[$1, default: 0] += 1 } }
}

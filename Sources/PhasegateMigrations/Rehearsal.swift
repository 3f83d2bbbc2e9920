import PhasegateCore
import PhasegateProbes

/// Applies migrations on a copy and takes them back, so that the way back is known before the way there is begun.
struct Rehearsal {
    let session: any DatabaseSession
    let limit: Duration
    /// Runs a script on the copy.
    let run: (String, any DatabaseSession, Duration) async throws(SessionError) -> Void
    /// The schema that each version found.
    private(set) var schemas: [Int: DatabaseSchema] = [:]
    private var up = Duration.zero
    private var down = Duration.zero

    init(
        session: any DatabaseSession,
        limit: Duration,
        run: @escaping (String, any DatabaseSession, Duration) async throws(SessionError) -> Void
    ) {
        self.session = session
        self.limit = limit
        self.run = run
    }

    /// Goes through the files: those with a rollback there and back, several in a row all there and all back.
    ///
    /// After each rollback the schema has to be what its migration had found, and after all of them the contents too. A
    /// file without a rollback is only applied, for those behind it.
    ///
    /// - Throws: `SessionError` with the file that failed.
    mutating func perform(_ files: [MigrationFile]) async throws(SessionError) {
        var rest = files[...]
        while let first = rest.first {
            let row = Array(rest.prefix { $0.rollback != nil })
            rest = rest.dropFirst(max(1, row.count))
            guard !row.isEmpty else {
                try await note(first)
                if !rest.isEmpty { try await apply(first) }
                continue
            }
            let before = try await session.contents(hashing: true, within: limit)
            for file in row {
                try await note(file)
                try await apply(file)
            }
            for file in row.reversed() { try await takeBack(file, isLast: file == row[0]) }
            let after = try await session.contents(hashing: true, within: limit)
            if let difference = after.schema.differences(from: before.schema).first {
                throw SessionError(.failed, "rolled back, the schema is not what it was: \(difference)")
            }
            for table in before.tables where !after.tables.contains(table) {
                throw SessionError(.failed, "rolled back, the content of table '\(table.table)' is not what it was")
            }
            if !rest.isEmpty { for file in row { try await apply(file) } }
        }
    }

    /// What was seen, in one sentence.
    func seen(of files: [MigrationFile]) -> String {
        let many = files.count > 1 ? "\(files[0].version) to \(files[files.count - 1].version) " : ""
        return
            "\(many)applied in \(up.forPeople), rolled back in \(down.forPeople) on a copy; schema and content as before"
    }

    private mutating func note(_ file: MigrationFile) async throws(SessionError) {
        schemas[file.version] = try await schema()
    }

    private mutating func apply(_ file: MigrationFile) async throws(SessionError) {
        let begin = ContinuousClock.now
        do throws(SessionError) {
            try await run(file.sql, session, limit)
        } catch {
            throw SessionError(error.code, "\(file.name): \(error.message)")
        }
        up += ContinuousClock.now - begin
    }

    private mutating func takeBack(_ file: MigrationFile, isLast: Bool) async throws(SessionError) {
        let begin = ContinuousClock.now
        do throws(SessionError) {
            try await run(file.rollback ?? "", session, limit)
        } catch {
            throw SessionError(error.code, "the rollback of \(file.name): \(error.message)")
        }
        down += ContinuousClock.now - begin
        // The last one is compared with all contents right after.
        guard !isLast, let before = schemas[file.version] else { return }
        if let difference = try await schema().differences(from: before).first {
            throw SessionError(.failed, "\(file.name) rolled back, the schema is not what it was: \(difference)")
        }
    }

    private func schema() async throws(SessionError) -> DatabaseSchema {
        guard let reader = session as? any SchemaReading else {
            throw SessionError(.unsupported, "the engine cannot read its schema")
        }
        return try await reader.schema(within: limit)
    }
}

public import PhasegateCore

/// Content of tables, whatever the order of their rows.
public struct ContentHashProbe: ProbeKind {
    /// `content-hash`.
    public static let name: ProbeName = "content-hash"
    /// What it measures.
    public static let summary = "An order-independent hash over every value of a table, with its type."
    /// Its keys.
    public static let settings: [Shape.Key] = [
        .target,
        Shape.Key("tables", .list(.text, orOne: true), required: true, "The tables to hash."),
        Shape.Key("where", .text, "SQL condition that the hashed rows satisfy."),
        Shape.Key("piece", .whole(1...1_000_000_000), "Rows hashed by one statement; the whole table by default."),
        Shape.Key(
            "parallel",
            .whole(1...16),
            "Pieces hashed at once, each over a connection of its own; 1 by default. More is faster and loads the server more."
        ),
        Throttle.key,
    ]

    private let target: TargetName
    private let tables: [String]
    private let condition: String?
    private let piece: Int?
    private let parallel: Int
    private let throttle: Throttle

    /// Rows of a piece where only a throttle is asked for.
    private static let usualPiece = 50_000

    /// Reads the settings.
    public init(_ settings: Setting) throws(Diagnostic) {
        target = settings.target
        tables = settings.texts("tables")
        condition = settings["where"]?.text
        throttle = try Throttle(settings["throttle"])
        parallel = settings["parallel"]?.whole.map(Int.init) ?? 1
        let needsPieces = parallel > 1 || !throttle.limits.isEmpty
        piece = settings["piece"]?.whole.map(Int.init) ?? (needsPieces ? Self.usualPiece : nil)
    }

    /// A word per table: row count and hash.
    public var output: ProbeOutput { .scalar(.count) }

    /// Hashes every table; the parts are named after the tables.
    public func measure(in context: ProbeContext) async throws(ProbeError) -> Measurement {
        guard !tables.isEmpty else { throw ProbeError(.noData, "no tables are named") }
        let session = try await context.session(on: target)
        let hasher = try context.powered(session, as: (any ContentHashing).self, "hash contents")
        var parts: [Measurement.Part] = []
        for table in tables {
            let content = try await content(of: table, hasher, in: context)
            parts.append(Measurement.Part(table, Quantity(word: content.hash)))
        }
        let filter = condition.map { " WHERE \($0)" } ?? ""
        return Measurement(
            parts: parts,
            resolvedQuery: tables.map { "SELECT * FROM \(session.dialect.quoted(table: $0))\(filter)" }.joined(
                separator: "; "
            )
        )
    }

    private func content(of table: String, _ hasher: any ContentHashing, in context: ProbeContext)
        async throws(ProbeError) -> TableContent
    {
        guard let piece else { return try await content(of: table, atOnce: hasher, in: context) }
        // While they hash, the session that is there looks for the ends of the next pieces.
        var borrowed: [any DatabaseSession] = []
        let content: Result<TableContent, ProbeError>
        do throws(ProbeError) {
            if parallel > 1 {
                for _ in 0..<parallel { borrowed.append(try await session(in: context)) }
            }
            let hashers = borrowed.compactMap { $0 as? any ContentHashing }
            content = .success(
                try await PiecewiseContent(
                    session: hasher,
                    hashers: hashers.isEmpty ? [hasher] : hashers,
                    table: table,
                    condition: condition,
                    size: piece,
                    throttle: throttle
                ).content(in: context)
            )
        } catch {
            content = .failure(error)
        }
        for session in borrowed { await context.sessions.giveBack(session, on: target) }
        return try content.get()
    }

    private func session(in context: ProbeContext) async throws(ProbeError) -> any DatabaseSession {
        do {
            return try await context.sessions.borrow(on: target)
        } catch {
            throw ProbeError(error)
        }
    }

    private func content(of table: String, atOnce hasher: any ContentHashing, in context: ProbeContext)
        async throws(ProbeError) -> TableContent
    {
        do {
            return try await hasher.content(
                of: table,
                where: condition.map { SQLQuery($0) },
                within: context.deadline
            )
        } catch {
            throw ProbeError(error)
        }
    }
}

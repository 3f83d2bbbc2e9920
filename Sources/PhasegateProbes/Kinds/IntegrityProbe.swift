public import PhasegateCore

/// Soundness of a database.
public struct IntegrityProbe: ProbeKind {
    /// `integrity`.
    public static let name: ProbeName = "integrity"
    /// What it measures.
    public static let summary = "Whether a database is sound: pages, indexes, constraints, foreign keys."
    /// Its keys.
    public static let settings: [Shape.Key] = [
        .target,
        Shape.Key(
            "checks",
            .list(.oneOf(IntegrityCheck.allCases.map(\.rawValue)), orOne: true),
            "Which checks are run; `full` and `foreign-keys` by default."
        ),
    ]

    private let target: TargetName
    private let checks: [IntegrityCheck]

    /// Reads the settings.
    public init(_ settings: Setting) throws(Diagnostic) {
        target = settings.target
        let named = settings.texts("checks").compactMap(IntegrityCheck.init(rawValue:))
        checks = named.isEmpty ? [.full, .foreignKeys] : named
    }

    /// `ok` or `violated`.
    public var output: ProbeOutput { .words(["ok", "violated"]) }

    /// Runs the checks; problems become notes.
    public func measure(in context: ProbeContext) async throws(ProbeError) -> Measurement {
        let session = try await context.session(on: target)
        let checker = try context.powered(session, as: (any IntegrityChecking).self, "check integrity")
        var problems: [String] = []
        for check in checks {
            do {
                problems += try await checker.problems(found: check, within: context.deadline)
            } catch  where error.code == .corrupt || error.code == .notADatabase {
                // Too damaged to be checked is an answer of the database, not a failure to ask.
                problems.append(error.message)
            } catch {
                throw ProbeError(error)
            }
        }
        if problems.isEmpty { try await refuseEmptiness(of: session) }
        return Measurement(
            Quantity(word: problems.isEmpty ? "ok" : "violated"),
            samples: checks.count,
            resolvedQuery: "checks: " + checks.map(\.rawValue).joined(separator: ", "),
            notes: problems.isEmpty ? [] : Array(problems.prefix(10)) + ["\(problems.count) problems"]
        )
    }

    /// A database without a table has nothing that could be damaged; that is no proof of soundness.
    private func refuseEmptiness(of session: any DatabaseSession) async throws(ProbeError) {
        guard let reader = session as? any IdentityReading else { return }
        let tables: [String]
        do {
            tables = try await reader.identity().tables
        } catch {
            throw ProbeError(error)
        }
        guard !tables.isEmpty else { throw ProbeError(.noData, "'\(target)' has no tables to check") }
    }
}

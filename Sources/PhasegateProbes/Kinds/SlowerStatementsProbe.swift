public import PhasegateCore

/// How many statements are slower now than they used to be, by the server's own account.
public struct SlowerStatementsProbe: ProbeKind {
    /// `slower-statements`.
    public static let name: ProbeName = "slower-statements"
    /// What it measures.
    public static let summary =
        "How many statements take longer in a window of time than they did before it, by the server's statistics."
    /// Its keys.
    public static let settings: [Shape.Key] = [
        .target,
        Shape.Key(
            "for",
            .duration,
            required: true,
            "Length of the window that is looked at; shorter than the deadline."
        ),
        Shape.Key(
            "factor",
            .number(1...1000),
            "A statement counts as slower when its mean is more than this many times the mean before; 1.5 by default."
        ),
        Shape.Key(
            "calls",
            .whole(1...1_000_000_000),
            "Executions a statement needs, before the window and within, to be compared; 20 by default."
        ),
    ]

    private let target: TargetName
    private let window: Duration
    private let factor: Double
    private let calls: Int64

    /// How many of the slower ones are named in the notes.
    private static let shown = 10

    /// Reads the settings.
    public init(_ settings: Setting) throws(Diagnostic) {
        target = settings.target
        window = settings["for"]?.duration ?? .seconds(30)
        factor = settings["factor"]?.number ?? 1.5
        calls = settings["calls"]?.whole ?? 20
    }

    /// A count.
    public var output: ProbeOutput { .number(.count, 0...1e9) }

    /// Reads the statistics, lets the window pass and reads them again.
    public func measure(in context: ProbeContext) async throws(ProbeError) -> Measurement {
        guard window < context.deadline else {
            throw ProbeError(
                .timedOut,
                "the window of \(window.forPeople) does not fit into the deadline; raise the criterion's 'deadline'"
            )
        }
        let session = try await context.session(on: target)
        let reader = try context.powered(session, as: (any StatementStatistics).self, "tell what statements cost")
        let first: [StatementTotal]
        let last: [StatementTotal]
        do throws(SessionError) {
            first = try await reader.statementTotals(within: context.deadline)
            await context.pause(window)
            last = try await reader.statementTotals(within: context.deadline)
        } catch {
            throw ProbeError(error)
        }
        guard let found = StatementRegressions(from: first, to: last, calls: calls) else {
            throw ProbeError(.noData, "the statistics of '\(target)' were reset meanwhile")
        }
        guard !found.compared.isEmpty else {
            throw ProbeError(
                .noData,
                "no statement was run \(calls) times before and again within \(window.forPeople): there is nothing to compare"
            )
        }
        let slower = found.slower(than: factor)
        return Measurement(
            Quantity(Int64(slower.count), .none),
            samples: found.compared.count,
            resolvedQuery:
                "statements of '\(target)' in \(window.forPeople), mean over \(shortDecimal(factor)) x the mean before",
            notes: slower.prefix(Self.shown).map { statement in
                "\(shortDecimal(statement.factor)) x (\(shortDecimal(statement.before)) to "
                    + "\(shortDecimal(statement.within)) ms, \(statement.calls) calls): \(statement.text)"
            }
        )
    }
}

public import PhasegateCore

/// What goes on in a server while it is measured.
public struct ActivityProbe: ProbeKind {
    /// `activity`.
    public static let name: ProbeName = "activity"
    /// What it measures.
    public static let summary =
        "What goes on in a database server: connections, sessions that wait, old transactions, replication."
    /// Its keys.
    public static let settings: [Shape.Key] = [
        .target,
        Shape.Key(
            "measure",
            .oneOf(ServerActivity.allCases.map(\.rawValue)),
            required: true,
            "What is looked at; phasegate's own sessions never count."
        ),
    ]

    private let target: TargetName
    private let measure: ServerActivity

    /// Reads the settings.
    public init(_ settings: Setting) throws(Diagnostic) {
        target = settings.target
        measure = settings["measure"]?.text.flatMap(ServerActivity.init(rawValue:)) ?? .connections
    }

    /// A count, percent or seconds.
    public var output: ProbeOutput { .number(measure.unit.dimension, 0...1e18) }

    /// Asks the server.
    public func measure(in context: ProbeContext) async throws(ProbeError) -> Measurement {
        let session = try await context.session(on: target)
        let reader = try context.powered(session, as: (any ActivityReading).self, "tell what goes on in its server")
        let found: (value: Double?, query: String)
        do {
            found = try await reader.activity(measure, within: context.deadline)
        } catch {
            throw ProbeError(error)
        }
        guard let value = found.value else {
            throw ProbeError(.noData, "there is nothing to measure: '\(target)' has no \(measure.subject)")
        }
        guard let quantity = Quantity(real: value, measure.unit) else {
            throw ProbeError(.notAValue, "the server said \(value)")
        }
        return Measurement(quantity, samples: 1, resolvedQuery: found.query)
    }
}

public import PhasegateCore

/// The kinds of sources; a new one is one file and one line here.
public struct ObservationSources: Sendable {
    /// Those that need no target of their own.
    public static let builtIn = ObservationSources([
        JSONLinesSource.self,
        LoadSource.self,
        PrometheusSource.self,
        SQLSource.self,
    ])

    private let kinds: [any ObservationSourceKind.Type]

    private init(_ kinds: [any ObservationSourceKind.Type]) { self.kinds = kinds }

    /// These and others.
    public func adding(_ others: [any ObservationSourceKind.Type]) -> ObservationSources {
        ObservationSources(kinds + others)
    }

    /// What the loader needs to know.
    public var declarations: [ObservationSourceDeclaration] { kinds.map { $0.declaration } }

    /// Makes the source of a plan.
    ///
    /// - Throws: `Diagnostic` for a kind that there is not, or for settings that cannot be.
    public func source(
        from plan: ObservationPlan.Source,
        in context: ObservationContext
    ) throws(Diagnostic) -> any ObservationSource {
        guard let kind = kinds.first(where: { $0.declaration.kind == plan.kind }) else {
            throw Diagnostic(rule: "unknown-source", "there is no source of observations called '\(plan.kind)'")
        }
        return try kind.init(plan.settings, in: context)
    }
}

public import PhasegateCore

/// The kinds of sources; a new one is one file and one line here.
public enum ObservationSources {
    private static let kinds: [any ObservationSourceKind.Type] = [
        JSONLinesSource.self
    ]

    /// What the loader needs to know.
    public static var declarations: [ObservationSourceDeclaration] { kinds.map { $0.declaration } }

    /// Makes the source of a plan.
    ///
    /// - Throws: `Diagnostic` for a kind that there is not, or for settings that cannot be.
    public static func source(
        from plan: ObservationPlan.Source,
        in context: ObservationContext
    ) throws(Diagnostic) -> any ObservationSource {
        guard let kind = kinds.first(where: { $0.declaration.kind == plan.kind }) else {
            throw Diagnostic(rule: "unknown-source", "there is no source of observations called '\(plan.kind)'")
        }
        return try kind.init(plan.settings, in: context)
    }
}

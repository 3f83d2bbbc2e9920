public import PhasegateCore
public import PhasegateProbes

/// The probes that look at migrations.
public enum MigrationProbes {
    /// All of them, in the order of the documentation.
    public static let kinds: [any ProbeKind.Type] = [MigrationConflictsProbe.self, MigrationEquivalenceProbe.self]
}

/// Migrations of a queue that get in each other's way.
public struct MigrationConflictsProbe: ProbeKind {
    /// `migration-conflicts`.
    public static let name: ProbeName = "migration-conflicts"
    /// What it measures.
    public static let summary = "How many pairs of migrations in a directory get in each other's way."
    /// Its keys.
    public static let settings: [Shape.Key] = [
        .target,
        Shape.Key("migrations", .text, required: true, "The directory, relative to the rollout file."),
        Shape.Key(
            "of",
            .list(.oneOf(MigrationConflict.Kind.allCases.map(\.rawValue)), orOne: true),
            "Which kinds count; all by default."
        ),
    ]

    private let target: TargetName
    private let directory: String
    private let kinds: Set<MigrationConflict.Kind>

    /// Reads the settings.
    public init(_ settings: Setting) throws(Diagnostic) {
        target = settings.target
        directory = settings["migrations"]?.text ?? ""
        let words = settings["of"]?.list.compactMap(\.text) ?? []
        let named = words.compactMap(MigrationConflict.Kind.init(rawValue:))
        kinds = Set(named.isEmpty ? MigrationConflict.Kind.allCases : named)
    }

    /// A number of conflicts.
    public var output: ProbeOutput { .number(.count, 0...1e9) }

    /// Reads the files, and from the target what is there before the first of them.
    public func measure(in context: ProbeContext) async throws(ProbeError) -> Measurement {
        let files = try migrations(in: directory, for: target, context)
        let schema = try await context.schema(of: target)
        let found = MigrationConflicts(files, on: schema).found().filter { kinds.contains($0.kind) }
        return Measurement(
            Quantity(Int64(found.count)),
            samples: files.count,
            resolvedQuery: "conflicts among \(files.count) files of '\(directory)' on the schema of '\(target)'",
            notes: found.prefix(20).map(\.description)
        )
    }
}

/// The files of a directory of the plan, once they can be read as migrations.
///
/// - Throws: `ProbeError` with the first thing that is wrong with it.
func migrations(in directory: String, for target: TargetName, _ context: ProbeContext) throws(ProbeError)
    -> [MigrationFile]
{
    let found = MigrationDirectory(
        path: absolutePath(directory, in: context.planDirectory),
        dialect: context.rollout.dialect(of: target)
    )
    if let problem = found.diagnostics.first(where: { $0.severity == .error }) {
        throw ProbeError(.failed, problem.description)
    }
    guard !found.files.isEmpty else { throw ProbeError(.noData, "'\(directory)' has no migrations") }
    return found.files
}

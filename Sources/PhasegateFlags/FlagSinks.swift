public import PhasegateCore

/// The kinds of flag sink there are.
public enum FlagSinks {
    /// A new kind is one file under `Sinks/` and one line here.
    static let kinds: [any FlagSinkKind.Type] = [
        FlagdFileSink.self,
        GOFeatureFlagFileSink.self,
        SQLTableSink.self,
        HTTPSink.self,
    ]

    /// What the loader needs to know of each kind, in a fixed order.
    public static let declarations = kinds.map { $0.declaration }

    /// What an application asks the table of an `sql-table` sink; a missing row means the safe variant.
    public static func tableQuery(_ table: String = "phasegate_flags") -> String { tableQuery(table, also: "") }

    static func tableQuery(_ table: String, also columns: String) -> String {
        "SELECT share_bp, salt, algorithm, bucket_by, named, denied\(columns) FROM \(table) WHERE flag = :flag"
    }

    /// Makes a sink.
    ///
    /// - Returns: the sink; nothing is opened or written yet.
    /// - Throws: a diagnostic that names the nearest kind, or what is wrong with the settings.
    public static func sink(
        from sink: Rollout.Flag.Sink,
        of flag: FlagKey,
        in context: FlagSinkContext
    ) throws(Diagnostic) -> any FlagSink {
        for kind in kinds where kind.declaration.kind == sink.kind {
            return try kind.init(sink, of: flag, in: context)
        }
        let names = kinds.map { $0.declaration.kind }
        throw Diagnostic(
            rule: "unknown-sink-kind",
            "there is no flag sink of the kind '\(sink.kind)'",
            hint: nearest(to: sink.kind, among: names).map { "did you mean '\($0)'?" }
        )
    }
}

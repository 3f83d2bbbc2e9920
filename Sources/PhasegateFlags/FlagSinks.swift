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

    /// What sets a flag to nobody in the table of an `sql-table` sink, for a transaction of somebody else's.
    ///
    /// - Parameters:
    ///   - sink: any sink.
    ///   - flag: the flag it belongs to.
    /// - Returns: the database, the table, and a statement with the parameter `:flag` that changes nothing where nobody is
    ///   exposed; nothing for a sink of another kind.
    public static func tableClosing(
        of sink: Rollout.Flag.Sink,
        _ flag: Rollout.Flag
    ) -> (target: TargetName, table: String, statement: String)? {
        guard sink.kind == SQLTableSink.declaration.kind, let target = sink.settings["target"]?.text else { return nil }
        let table = sink.settings["table"]?.text ?? SQLTableSink.usualTable
        let named = flag.draw.cohort != .percent || !flag.draw.allow.isEmpty ? "[]" : "null"
        let statement = """
            UPDATE \(table) SET share_bp = 0, named = '\(named)', version = version + 1 WHERE flag = :flag AND share_bp <> 0
            """
        return (TargetName(rawValue: target), table, statement)
    }

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

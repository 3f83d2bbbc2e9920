import FoundationEssentials
import PhasegateCore

/// A row of a table in a database of the rollout, changed by compare-and-swap on its version.
struct SQLTableSink: FlagSinkKind {
    static let declaration = FlagSinkDeclaration(
        kind: "sql-table",
        summary: "Writes a row that applications read with their own SQL, in a database of the rollout.",
        settings: [
            Shape.Key("target", .name, required: true, "The database."),
            Shape.Key("table", .text, "The table, made if it is missing; phasegate_flags unless said otherwise."),
            Shape.Key("cache", .duration, "How long applications keep what they read; 0 s unless said otherwise."),
        ],
        resolution: BasisPoints(rawValue: 1),
        check: { settings throws(Diagnostic) in
            _ = try SinkSettings(settings).required("target")
            _ = try SinkSettings(settings).table("table", default: usualTable)
            _ = try SinkSettings(settings).propagation("cache", default: .zero)
        }
    )
    static let missingKey = "What the application does; it should take the safe variant."
    static let usualTable = "phasegate_flags"

    let name: String
    let propagation: Duration
    private let flag: FlagKey
    private let target: TargetName
    private let table: String
    private let tables: any FlagTables

    init(_ sink: Rollout.Flag.Sink, of flag: FlagKey, in context: FlagSinkContext) throws(Diagnostic) {
        let settings = SinkSettings(sink.settings)
        name = sink.name
        self.flag = flag
        target = TargetName(rawValue: try settings.required("target"))
        table = try settings.table("table", default: Self.usualTable)
        propagation = try settings.propagation("cache", default: .zero)
        tables = context.tables
    }

    func content(for rule: FlagRule) -> String { SinkJSON.map(columns(of: rule).mapValues(SinkJSON.text)).lines }

    func read() async throws(FlagError) -> String? {
        guard try await tables.hasTable(table, on: target), let row = try await row() else { return nil }
        return SinkJSON.map(row.filter { $0.key != "version" }.mapValues(SinkJSON.text)).lines
    }

    func write(_ rule: FlagRule, over seen: String?) async throws(FlagError) {
        try await create()
        let columns = columns(of: rule)
        let names = columns.keys.sorted()
        if let row = try await row(), let version = row["version"].flatMap({ Int($0) }) {
            let content = SinkJSON.map(row.filter { $0.key != "version" }.mapValues(SinkJSON.text)).lines
            guard content == seen else {
                throw FlagError(.conflict, "somebody else changed the row of flag '\(flag)' in table \(table)")
            }
            let values = names.map { "\($0) = \(value($0, columns))" }.joined(separator: ", ")
            _ = try await run(
                "UPDATE \(table) SET \(values), version = \(version + 1) WHERE flag = :flag AND version = \(version)",
                columns
            )
        } else {
            _ = try await run(
                "INSERT INTO \(table) (flag, version, \(names.joined(separator: ", "))) "
                    + "VALUES (:flag, 1, \(names.map { value($0, columns) }.joined(separator: ", ")))",
                columns
            )
        }
    }

    private func columns(of rule: FlagRule) -> [String: String] {
        var named = "null"
        if rule.draw.cohort != .percent || !rule.draw.allow.isEmpty {
            named = SinkJSON.list(rule.namedKeys.map(SinkJSON.text)).line
        }
        return [
            "share_bp": "\(rule.share.rawValue)",
            "salt": rule.draw.salt,
            "algorithm": rule.draw.cohort == .percent ? rule.draw.algorithm.rawValue : "named",
            "bucket_by": rule.draw.bucketBy,
            "named": named,
            "denied": SinkJSON.list(rule.draw.deny.map(SinkJSON.text)).line,
        ]
    }

    /// Numbers are written out, because the types of parameters differ between engines.
    private func value(_ name: String, _ columns: [String: String]) -> String {
        name == "share_bp" ? columns[name] ?? "0" : ":\(name)"
    }

    private func create() async throws(FlagError) {
        _ = try await tables.rows(
            """
            CREATE TABLE IF NOT EXISTS \(table) (
                flag VARCHAR(100) NOT NULL PRIMARY KEY,
                share_bp INTEGER NOT NULL CHECK (share_bp BETWEEN 0 AND 10000),
                salt VARCHAR(1000) NOT NULL,
                algorithm VARCHAR(20) NOT NULL,
                bucket_by VARCHAR(1000) NOT NULL,
                named TEXT NOT NULL,
                denied TEXT NOT NULL,
                version INTEGER NOT NULL
            )
            """,
            [:],
            on: target
        )
    }

    private func row() async throws(FlagError) -> [String: String]? {
        try await run(FlagSinks.tableQuery(table, also: ", version"), [:]).first
    }

    private func run(_ sql: String, _ columns: [String: String]) async throws(FlagError) -> [[String: String]] {
        var parameters = columns
        parameters["share_bp"] = nil
        parameters["flag"] = flag.rawValue
        return try await tables.rows(sql, parameters, on: target)
    }
}

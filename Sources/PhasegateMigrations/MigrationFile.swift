import FoundationEssentials
public import PhasegateCore
import PhasegateHashing
public import PhasegateProbes

/// One numbered migration with its rollback, as the files say.
public struct MigrationFile: Hashable, Sendable {
    /// Its number.
    public let version: Int
    /// The file's name without directory, as `002_add_trading_indexes.sql`.
    public let name: String
    /// Path of the file.
    public let path: String
    /// The script.
    public let sql: String
    /// The script that takes it back; nothing when there is none.
    public let rollback: String?
    /// Path of that script.
    public let rollbackPath: String?
    /// Whose SQL it is.
    public let dialect: SQLDialect
    /// SHA-256 of the script's bytes.
    public let checksum: String

    init(version: Int, path: String, sql: String, rollback: String?, rollbackPath: String?, dialect: SQLDialect) {
        self.version = version
        self.path = path
        name = path.split(separator: "/").last.map(String.init) ?? path
        self.sql = sql
        self.rollback = rollback
        self.rollbackPath = rollbackPath
        self.dialect = dialect
        checksum = sha256(of: sql)
    }

    /// SHA-256 of the script without comments and blanks.
    public var normalizedChecksum: String { sha256(of: SQLScript(sql, dialect).normalized) }

    /// What the file says it does, from its first `-- description:` line.
    public var summary: String {
        let marker = "-- description:"
        let line = sql.split(whereSeparator: \.isNewline).first { $0.hasPrefix(marker) }
        return line.map { $0.dropFirst(marker.count).trimmingBlanks() } ?? name
    }

    /// Whether its statements are run one by one, and not in one transaction.
    public var isStatementwise: Bool { SQLScript(sql, dialect).isStatementwise }

    /// How many statements it has.
    public var statementCount: Int { SQLScript(sql, dialect).statements.count }
}

/// A directory of migrations: `NNN_name.sql` and `rollback/NNN_anything.sql`.
public struct MigrationDirectory: Sendable {
    /// Path of the directory.
    public let path: String
    /// Whose SQL its files are in.
    public let dialect: SQLDialect
    /// The migrations, by number.
    public let files: [MigrationFile]
    /// What is wrong with the directory as a whole.
    public let diagnostics: [Diagnostic]
    /// Where each number is among the files; of two with one number the first.
    private let places: [Int: Int]

    /// Reads a directory.
    ///
    /// Numbers must be unique and without a gap, files not empty, and without
    /// statements that the engine owns. All of it is reported at once.
    ///
    /// - Parameters:
    ///   - path: the directory.
    ///   - dialect: whose SQL the files are in.
    public init(path: String, dialect: SQLDialect) {
        self.path = path
        self.dialect = dialect
        var diagnostics: [Diagnostic] = []
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
            files = []
            places = [:]
            self.diagnostics = [
                Diagnostic(
                    rule: "missing-migrations",
                    "there is no migration directory '\(path)'",
                    hint: "paths are relative to the rollout file"
                )
            ]
            return
        }
        let rollbackNames = Self.rollbackNames(in: path)
        var files: [MigrationFile] = []
        for name in names.sorted() where name.hasSuffix(".sql") {
            guard let version = Self.number(of: name) else {
                diagnostics.append(
                    Diagnostic(
                        rule: "bad-migration-name",
                        "'\(name)' has no number",
                        hint: "name it as '004_what_it_does.sql'",
                        at: Place(file: "\(path)/\(name)", line: 1, column: 1)
                    )
                )
                continue
            }
            let rollbackPath = rollbackNames[version].map { "\(path)/rollback/\($0)" }
            let file = MigrationFile(
                version: version,
                path: "\(path)/\(name)",
                sql: Self.text(of: "\(path)/\(name)", &diagnostics),
                rollback: rollbackPath.map { Self.text(of: $0, &diagnostics) },
                rollbackPath: rollbackPath,
                dialect: dialect
            )
            diagnostics += Self.problems(of: file)
            files.append(file)
        }
        files.sort { $0.version < $1.version }
        self.files = files
        places = Dictionary(files.enumerated().map { ($1.version, $0) }) { first, _ in first }
        self.diagnostics = diagnostics + Self.numberingProblems(files)
    }

    /// The migration of a number.
    public func file(_ version: Int) -> MigrationFile? { places[version].map { files[$0] } }

    /// Names of the rollback scripts by number; of two with one number the first.
    private static func rollbackNames(in path: String) -> [Int: String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path + "/rollback")) ?? []
        let numbered = names.filter { $0.hasSuffix(".sql") }.sorted().compactMap { name in
            number(of: name).map { ($0, name) }
        }
        return Dictionary(numbered) { first, _ in first }
    }

    private static func number(of name: String) -> Int? {
        let digits = name.prefix { $0.isASCII && $0.isNumber }
        guard !digits.isEmpty, name.dropFirst(digits.count).first == "_" else { return nil }
        return Int(digits)
    }

    private static func text(of path: String, _ diagnostics: inout [Diagnostic]) -> String {
        guard let data = FileManager.default.contents(atPath: path), data.count <= 16_000_000 else {
            diagnostics.append(
                Diagnostic(
                    rule: "unreadable-migration",
                    "'\(path)' cannot be read or has more than 16 MB",
                    at: Place(file: path, line: 1, column: 1)
                )
            )
            return ""
        }
        return String(decoding: data, as: UTF8.self)
    }

    private static func problems(of file: MigrationFile) -> [Diagnostic] {
        var found: [Diagnostic] = []
        for (path, sql) in [(file.path, file.sql), (file.rollbackPath ?? "", file.rollback ?? "-")] {
            let script = SQLScript(sql, file.dialect)
            if script.statements.isEmpty {
                found.append(
                    Diagnostic(
                        rule: "empty-migration",
                        "'\(path)' has no statements",
                        at: Place(file: path, line: 1, column: 1)
                    )
                )
            }
            for statement in script.forbidden {
                found.append(
                    Diagnostic(
                        rule: "forbidden-statement",
                        "'\(statement.normalized.prefix(60))' does not belong into a migration",
                        hint: statement.normalized.uppercased().contains("CONCURRENTLY")
                            ? "give the file a first line '\(SQLScript.directive)': its statements are run one by one then"
                            : "transactions and settings are phasegate's; take the statement out",
                        at: Place(file: path, line: statement.line, column: 1)
                    )
                )
            }
        }
        return found
    }

    private static func numberingProblems(_ files: [MigrationFile]) -> [Diagnostic] {
        var found: [Diagnostic] = []
        for (file, next) in zip(files, files.dropFirst()) {
            let place = Place(file: next.path, line: 1, column: 1)
            if next.version == file.version {
                found.append(
                    Diagnostic(
                        rule: "duplicate-migration",
                        "'\(file.name)' and '\(next.name)' have the same number",
                        hint: "give the later one the next free number",
                        at: place
                    )
                )
            } else if next.version != file.version + 1 {
                found.append(
                    Diagnostic(
                        rule: "migration-gap",
                        "there is no migration between \(file.version) and \(next.version)",
                        hint: "restore the missing file or number without gaps",
                        at: place
                    )
                )
            }
        }
        return found
    }
}

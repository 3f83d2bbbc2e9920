import ArgumentParser
import FoundationEssentials
import PhasegateCore
import PhasegateProbes

/// What every verb takes: the rollout and where things lie.
struct RolloutOptions: ParsableArguments {
    @Argument(help: "A rollout file, or a name under phases/.")
    var rollout: String

    @Option(
        help: """
            The ledger, a file or postgresql://USER@HOST/DATABASE; else PHASEGATE_LEDGER, else \
            .phasegate/ledger.sqlite in the workspace.
            """
    )
    var ledger: String?

    @Option(help: "Directory of the data: targets, flag stores, backups. The rollout file's own by default.")
    var workspace: String?

    @Option(help: "Directory of the reports; reports/ROLLOUT by default.")
    var reports: String?

    /// The rollout file.
    ///
    /// - Throws: `Failure` when there is none.
    func path() throws -> String {
        let candidates = [
            rollout, "phases/\(rollout).yaml", "phases/\(rollout)/rollout.yaml", "phases/programmes/\(rollout).yaml",
            "phases/programmes/\(rollout)/rollout.yaml", "phases/examples/\(rollout).yaml",
        ]
        if let found = candidates.first(where: Self.isFile) { return found }
        throw Failure(.badInput, "there is no rollout '\(rollout)': neither a file nor a name under phases/")
    }

    /// Whether there is a file, and no directory, at a path.
    static func isFile(_ path: String) -> Bool {
        var isDirectory = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && !isDirectory
    }

    /// Where everything lies for a rollout file.
    func places(for file: String) throws -> Assembly.Places {
        let directory = Self.directory(of: file)
        let workspace = self.workspace ?? directory
        return Assembly.Places(
            rolloutDirectory: Self.absolute(directory),
            workspace: Self.absolute(workspace),
            ledger: try ledgerLocation(workspace),
            reports: Self.absolute(reports ?? "reports/\(name(in: file))")
        )
    }

    /// The ledger without loading the rollout.
    ///
    /// - Throws: `LedgerError.badAddress`.
    func ledgerLocation(_ workspace: String) throws -> LedgerLocation {
        let named = ledger ?? ProcessInfo.processInfo.environment["PHASEGATE_LEDGER"]
        let location = try LedgerLocation(named ?? workspace + "/.phasegate/ledger.sqlite")
        if case .file(let path) = location { return .file(Self.absolute(path)) }
        return location
    }

    /// The rollout's name and ledger, from the file's own line where there is a file; nothing is parsed.
    ///
    /// - Throws: `LedgerError.badAddress`.
    func nameAndLedger() throws -> (name: RolloutName, ledger: LedgerLocation) {
        guard let file = try? path() else {
            return (RolloutName(rawValue: rollout), try ledgerLocation(workspace ?? "."))
        }
        return (RolloutName(rawValue: name(in: file)), try ledgerLocation(workspace ?? Self.directory(of: file)))
    }

    private func name(in file: String) -> String {
        let fallback = file.split(separator: "/").last?.split(separator: ".").first.map(String.init) ?? rollout
        guard let data = FileManager.default.contents(atPath: file) else { return fallback }
        for line in String(decoding: data.prefix(65_536), as: UTF8.self).split(whereSeparator: \.isNewline)
        where line.hasPrefix("rollout:") {
            let value = line.dropFirst("rollout:".count).prefix { $0 != "#" }.trimmingBlanks()
            return value.filter { $0 != "\"" && $0 != "'" }
        }
        return fallback
    }

    static func directory(of file: String) -> String {
        guard let slash = file.lastIndex(of: "/") else { return "." }
        return slash == file.startIndex ? "/" : String(file[..<slash])
    }

    static func absolute(_ path: String) -> String {
        if path.hasPrefix("/") { return path }
        let current = FileManager.default.currentDirectoryPath
        return path == "." ? current : current + "/" + (path.hasPrefix("./") ? String(path.dropFirst(2)) : path)
    }
}

/// Who does something and why; kept in the ledger.
struct PersonOptions: ParsableArguments {
    @Option(help: "Who you are.")
    var by: String

    @Option(help: "Why; kept in the ledger and shown in every report.")
    var because: String

    func validate() throws {
        guard !by.trimmingBlanks().isEmpty, !because.trimmingBlanks().isEmpty else {
            throw ValidationError("--by and --because must say something")
        }
    }
}

/// Whether the answer is for a machine.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Write JSON for machines.")
    var json = false
}

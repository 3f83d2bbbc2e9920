import FoundationEssentials
import Glibc
import PhasegateCore
import PhasegateProbes

/// Finds and runs the programs that come with PostgreSQL.
struct PostgreSQLTools: Sendable {
    /// Which versions of a program will do.
    private enum Fit {
        case newest
        case sameOrNewer
        case same
    }

    private let parameters: ConnectionParameters
    private let serverMajor: Int
    private let fit: Fit

    /// - Parameters:
    ///   - parameters: where they connect to.
    ///   - serverVersion: as 150018 for 15.18; older programs refuse a newer server.
    init(_ parameters: ConnectionParameters, serverVersion: Int32) {
        self.parameters = parameters
        serverMajor = Int(serverVersion) / 10_000
        fit = .sameOrNewer
    }

    /// Programs that work on a server's own files, which belong to one major version.
    ///
    /// - Parameter major: as 15.
    init(filesOf major: Int) {
        parameters = ConnectionParameters(address: ServerAddress(database: ""), password: nil)
        serverMajor = major
        fit = .same
    }

    /// Programs that look at files only; the newest reads what all of them write.
    init() {
        parameters = ConnectionParameters(address: ServerAddress(database: ""), password: nil)
        serverMajor = Int.max
        fit = .newest
    }

    /// Runs a program of PostgreSQL's.
    ///
    /// - Parameters:
    ///   - program: its name.
    ///   - arguments: beside those for connecting.
    ///   - database: another one than that of the address.
    ///   - output: a file for what it prints, where that is more than words.
    ///   - limit: how long it may take.
    /// - Throws: `SessionError` with the program's own words when it ends with another status than 0.
    func run(
        _ program: String,
        _ arguments: [String],
        database: String? = nil,
        output: String? = nil,
        within limit: Duration
    ) async throws(SessionError) {
        let path = try await find(program)
        var environment = parameters.environment
        environment["LC_ALL"] = "C"
        let connecting = fit == .sameOrNewer ? ["--dbname=\(parameters.argument(database: database))"] : []
        var redirection: [String] = []
        if let output {
            environment["PHASEGATE_OUTPUT"] = output
            redirection = ["sh", "-c", "exec \"$0\" \"$@\" >\"$PHASEGATE_OUTPUT\""]
        }
        let result: ChildProcess.Result
        do throws(ProbeError) {
            result = try await ChildProcess(
                redirection + [path] + connecting + arguments,
                in: "/",
                environment: environment,
                isMerged: true
            )
            .run(within: limit)
        } catch {
            throw SessionError(error.why == .timedOut ? .timedOut : .failed, error.message)
        }
        guard result.status == 0 else {
            // Details and contexts quote whole rows.
            let lines = result.output.split(whereSeparator: \.isNewline).filter { line in
                !["DETAIL", "CONTEXT", "detail:"].contains { line.contains($0) }
            }
            let words = oneLine(String(lines.joined(separator: "\n").suffix(2000)))
            let isFull = words.contains("No space left on device")
            throw SessionError(isFull ? .full : .failed, "\(program) ended with \(result.status): \(words)")
        }
    }

    /// The program of the server's own version, or else the newest where that will do; never an older one.
    ///
    /// What a newer `pg_dump` writes as SQL may name settings that the server does not know.
    func find(_ program: String) async throws(SessionError) -> String {
        var newest: (path: String, major: Int)?
        for path in candidates(program) where access(path, X_OK) == 0 {
            guard let major = await majorVersion(of: path) else { continue }
            if major == serverMajor { return path }
            if major > newest?.major ?? 0 { newest = (path, major) }
        }
        if let newest, fit == .newest || (fit == .sameOrNewer && newest.major > serverMajor) { return newest.path }
        let found = newest.map { "\($0.path) is of version \($0.major)" } ?? "there is none"
        let (wanted, package) =
            switch fit {
            case .newest: ("any version", "postgresql-client")
            case .sameOrNewer: ("\(serverMajor) or later", "postgresql-client")
            case .same: ("\(serverMajor)", "postgresql-\(serverMajor)")
            }
        throw SessionError(
            .unsupported,
            "\(program) of PostgreSQL, \(wanted), is needed: \(found) (Debian: apt-get install \(package))"
        )
    }

    private func candidates(_ program: String) -> [String] {
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
        let packaged = ["/usr/lib/postgresql", "/usr/local/pgsql"].flatMap { root in
            ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []).sorted().map { "\(root)/\($0)/bin" }
        }
        return (packaged + path.split(separator: ":").map(String.init)).map { "\($0)/\(program)" }
    }

    /// The number in `pg_dump (PostgreSQL) 15.18 (Debian …)`.
    private func majorVersion(of path: String) async -> Int? {
        let result = try? await ChildProcess([path, "--version"], in: "/").run(within: .seconds(10))
        guard let words = result?.output.split(separator: " "), words.count > 2 else { return nil }
        return Int(words[2].prefix { $0.isNumber })
    }
}

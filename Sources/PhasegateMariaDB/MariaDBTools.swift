import FoundationEssentials
import Glibc
import PhasegateCore
import PhasegateProbes

/// Runs the programs that come with MariaDB.
struct MariaDBTools: Sendable {
    private let address: ServerAddress
    private let password: String?

    init(_ address: ServerAddress, password: String?) {
        self.address = address
        self.password = password
    }

    /// Runs a program of MariaDB's on a database.
    ///
    /// - Parameters:
    ///   - program: its name, as `mariadb-dump`.
    ///   - arguments: beside those for connecting; the database comes last.
    ///   - database: the database; nothing for programs that work on the whole server.
    ///   - input: a file it reads as its standard input.
    ///   - limit: how long it may take.
    /// - Throws: `SessionError` with the program's own words when it ends with another status than 0.
    func run(
        _ program: String,
        _ arguments: [String],
        database: String?,
        input: String = "/dev/null",
        within limit: Duration
    ) async throws(SessionError) {
        var environment = ["PHASEGATE_INPUT": input, "LC_ALL": "C"]
        // In arguments everybody on the machine could read it.
        if let password { environment["MYSQL_PWD"] = password }
        let words =
            ["sh", "-c", "exec \"$0\" \"$@\" <\"$PHASEGATE_INPUT\"", program] + connecting(as: program) + arguments
            + (database.map { [$0] } ?? [])
        try await Self.demandSuccess(of: program, words, environment, within: limit)
    }

    /// Runs a program of MariaDB's that works on files and speaks to no server.
    ///
    /// - Throws: as `run`.
    static func runOnFiles(_ program: String, _ arguments: [String], within limit: Duration) async throws(SessionError)
    {
        try await demandSuccess(
            of: program,
            [try path(of: program)] + arguments,
            ["LC_ALL": "C", "TZ": "UTC"],
            within: limit
        )
    }

    private static func demandSuccess(
        of program: String,
        _ words: [String],
        _ environment: [String: String],
        within limit: Duration
    ) async throws(SessionError) {
        let result: ChildProcess.Result
        do throws(ProbeError) {
            result = try await ChildProcess(words, in: "/", environment: environment, isMerged: true).run(within: limit)
        } catch {
            throw SessionError(error.why == .timedOut ? .timedOut : .failed, error.message)
        }
        guard result.status == 0 else {
            // The client shows the statement that failed, and with it rows and passwords.
            let lines = result.output.split(separator: "\n").filter { program != "mariadb" || $0.hasPrefix("ERROR") }
            let said = oneLine(String(lines.joined(separator: "\n").suffix(2000)))
            guard result.status != 127 else { throw missing(program) }
            let isFull = said.contains("Errcode: 28") || said.contains("No space left on device")
            throw SessionError(isFull ? .full : .failed, "\(program) ended with \(result.status): \(said)")
        }
    }

    /// Where a program is; those that only administrators use are not in everybody's `PATH`.
    ///
    /// - Throws: `SessionError` of the code `unsupported`.
    static func path(of program: String) throws(SessionError) -> String {
        let named = getenv("PATH").map { String(cString: $0) } ?? ""
        for place in named.split(separator: ":").map(String.init) + ["/usr/sbin", "/usr/local/sbin"] {
            let path = "\(place)/\(program)"
            if access(path, X_OK) == 0 { return path }
        }
        throw missing(program)
    }

    /// The version of a program, as `10.11.19-MariaDB`.
    ///
    /// - Throws: `SessionError` of the code `unsupported` when it is not there.
    static func version(of program: String) async throws(SessionError) -> String {
        let path = try path(of: program)
        let result: ChildProcess.Result
        do throws(ProbeError) {
            result = try await ChildProcess([path, "--version"], in: "/", isMerged: true).run(within: .seconds(10))
        } catch {
            throw SessionError(error.why == .timedOut ? .timedOut : .unsupported, error.message)
        }
        let number = result.output.split { $0.isWhitespace }.first { $0.contains("-MariaDB") }
        guard result.status == 0, let number else { throw missing(program) }
        return String(number)
    }

    /// What is said where a program is not there.
    static func missing(_ program: String) -> SessionError {
        let package =
            switch program {
            case "mariadb-backup": "mariadb-backup"
            case "mariadbd", "innochecksum": "mariadb-server"
            default: "mariadb-client"
            }
        return SessionError(.unsupported, "\(program) is not installed (Debian: apt-get install \(package))")
    }

    private func connecting(as program: String) -> [String] {
        var words = ["--no-defaults"]
        if program != "mariadb-backup" { words.append("--default-character-set=utf8mb4") }
        if let host = address.host, host.hasPrefix("/") {
            words += ["--socket=\(host)"]
        } else if let host = address.host {
            words += ["--protocol=tcp", "--host=\(host)"]
        }
        if let port = address.port { words.append("--port=\(port)") }
        if let user = address.user { words.append("--user=\(user)") }
        if address.protection != .off {
            words.append("--ssl")
            if address.protection != .encrypted { words.append("--ssl-verify-server-cert") }
            if let authority = address.certificates.authority { words.append("--ssl-ca=\(authority)") }
            if let certificate = address.certificates.client { words.append("--ssl-cert=\(certificate)") }
            if let key = address.certificates.key { words.append("--ssl-key=\(key)") }
        }
        return words
    }
}

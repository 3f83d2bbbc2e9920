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
    ///   - database: the database.
    ///   - input: a file it reads as its standard input.
    ///   - limit: how long it may take.
    /// - Throws: `SessionError` with the program's own words when it ends with another status than 0.
    func run(
        _ program: String,
        _ arguments: [String],
        database: String,
        input: String = "/dev/null",
        within limit: Duration
    ) async throws(SessionError) {
        var environment = ["PHASEGATE_INPUT": input, "LC_ALL": "C"]
        // In arguments everybody on the machine could read it.
        if let password { environment["MYSQL_PWD"] = password }
        let words =
            ["sh", "-c", "exec \"$0\" \"$@\" <\"$PHASEGATE_INPUT\"", program] + connecting + arguments + [database]
        let result: ChildProcess.Result
        do throws(ProbeError) {
            result = try await ChildProcess(words, in: "/", environment: environment, isMerged: true).run(within: limit)
        } catch {
            throw SessionError(error.why == .timedOut ? .timedOut : .failed, error.message)
        }
        guard result.status == 0 else {
            let said = oneLine(String(result.output.suffix(2000)))
            guard result.status != 127 else {
                throw SessionError(.unsupported, "\(program) is not installed (Debian: apt-get install mariadb-client)")
            }
            let isFull = said.contains("Errcode: 28") || said.contains("No space left on device")
            throw SessionError(isFull ? .full : .failed, "\(program) ended with \(result.status): \(said)")
        }
    }

    private var connecting: [String] {
        var words = ["--no-defaults", "--default-character-set=utf8mb4"]
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

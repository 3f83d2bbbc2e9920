import FoundationEssentials
import Glibc
import PhasegateCore
import PhasegateProbes

/// Finds and runs the programs that come with PostgreSQL.
struct PostgreSQLTools: Sendable {
    private let parameters: ConnectionParameters
    private let serverMajor: Int

    /// - Parameters:
    ///   - parameters: where they connect to.
    ///   - serverVersion: as 150018 for 15.18; older programs refuse a newer server.
    init(_ parameters: ConnectionParameters, serverVersion: Int32) {
        self.parameters = parameters
        serverMajor = Int(serverVersion) / 10_000
    }

    /// Runs a program of PostgreSQL's.
    ///
    /// - Throws: `SessionError` with the program's own words when it ends with another status than 0.
    func run(_ program: String, _ arguments: [String], database: String? = nil, within limit: Duration)
        async throws(SessionError)
    {
        let path = try await find(program)
        var environment = parameters.environment
        if let database { environment["PGDATABASE"] = database }
        environment["LC_ALL"] = "C"
        let result: ChildProcess.Result
        do throws(ProbeError) {
            result = try await ChildProcess([path] + arguments, in: "/", environment: environment, isMerged: true)
                .run(within: limit)
        } catch {
            throw SessionError(error.why == .timedOut ? .timedOut : .failed, error.message)
        }
        guard result.status == 0 else {
            let words = oneLine(String(result.output.suffix(2000)))
            let isFull = words.contains("No space left on device")
            throw SessionError(isFull ? .full : .failed, "\(program) ended with \(result.status): \(words)")
        }
    }

    /// The first such program on the path, or in the places packages use, that is not older than the server.
    private func find(_ program: String) async throws(SessionError) -> String {
        var seen: [String] = []
        for path in candidates(program) where access(path, X_OK) == 0 {
            guard let major = await majorVersion(of: path) else { continue }
            if major >= serverMajor { return path }
            seen.append("\(path) is of version \(major)")
        }
        let found = seen.isEmpty ? "there is none" : seen.joined(separator: ", ")
        throw SessionError(
            .unsupported,
            "\(program) of PostgreSQL \(serverMajor) or later is needed: \(found) "
                + "(Debian: apt-get install postgresql-client-\(serverMajor))"
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

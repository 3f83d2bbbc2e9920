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

    /// Whether tests that need it are run: where it is installed, and in CI in any case.
    public static let isWanted = programs != nil || ProcessInfo.processInfo.environment["CI"] == "true"

    /// Its directory: the socket, and `server.crt`, the authority of its certificate.
    public let directory: String
    /// Its port.
    public let port: Int
    private let ready: Task<RunningProgram, any Error>

    /// Starts a server of its own.
    ///
    /// - Parameter settings: beside the usual ones, as `max_connections=5`.
    public init(settings: [String] = []) {
        directory = "/tmp/phasegate-pg-\(getpid())-\(UUID().uuidString.prefix(8))"
        port = freePort()
        let words = [Self.programs ?? "", directory, "\(port)", Self.password] + settings
        ready = Task {
            let program = try ChildProgram("/bin/sh", ["-c", Self.script, "postgresql"] + words).start()
            _ = try await program.line(within: .seconds(120)) { $0.contains("ready to accept connections") }
            return program
        }
    }

    deinit { Task { [ready] in try? await ready.value.stop() } }

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
    public func waitUntilReady() async throws { _ = try await ready.value }

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
            "\(Self.programs ?? "")/psql",
            [
                "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", directory, "-p", "\(port)", "-U", "phasegate",
                "-d", database, "-c", sql,
            ]
        ).output()
        return String(decoding: output, as: UTF8.self).trimmingCharacters(in: .newlines)
    }

    /// Signals the server's main process and, for what ends it, waits until nothing answers any more.
    public func signal(_ name: String) async throws {
        _ = try await ChildProgram("/bin/sh", ["-c", "kill -\(name) $(head -n 1 '\(directory)/data/postmaster.pid')"])
            .output()
    }

    /// The server ends when its standard input does, that is with the test run at the latest.
    private static let script = """
        set -eu
        bin=$1 dir=$2 port=$3 password=$4
        shift 4
        as=
        mkdir -p "$dir"
        chmod 755 "$dir"
        printf '%s\\n' "$password" >"$dir/password"
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
            -addext subjectAltName=IP:127.0.0.1 -keyout "$dir/server.key" -out "$dir/server.crt" 2>/dev/null
        chmod 600 "$dir/server.key"
        if [ "$(id -u)" = 0 ]; then
            chown -R postgres "$dir"
            as="setpriv --reuid=postgres --regid=postgres --init-groups"
        fi
        cd "$dir"
        $as "$bin/initdb" -D "$dir/data" -U phasegate --auth-local=trust --auth-host=scram-sha-256 \
            --pwfile="$dir/password" -E UTF8 --locale=C.UTF-8 --data-checksums -N >/dev/null
        settings=
        for setting in "$@"; do settings="$settings -c $setting"; done
        exec 3<&0
        $as "$bin/postgres" -D "$dir/data" -k "$dir" -p "$port" -c listen_addresses=127.0.0.1 -c fsync=off -c autovacuum=off \
            -c ssl=on -c "ssl_cert_file=$dir/server.crt" -c "ssl_key_file=$dir/server.key" -c max_connections=200 \
            $settings 3<&- </dev/null 2>&1 &
        server=$!
        trap 'kill -INT $server' TERM
        cat <&3 >/dev/null &
        wait $! || true
        kill -QUIT $server 2>/dev/null || true
        wait $server || true
        cd /
        rm -rf "$dir"
        """
}

/// A port nobody listens at just now.
public func freePort() -> Int {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(listener) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    return withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
            guard bind(listener, generic, length) == 0, getsockname(listener, generic, &length) == 0 else { return 0 }
            return Int(UInt16(bigEndian: UnsafeRawPointer(pointer).load(as: sockaddr_in.self).sin_port))
        }
    }
}

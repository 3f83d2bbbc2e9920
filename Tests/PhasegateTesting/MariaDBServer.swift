import Foundation
public import PhasegateCore

/// A real MariaDB server on loopback and a socket, started once for a test run and gone with it.
///
/// Its user is `phasegate`: without a password over the socket, with
/// `password` over TCP. The server has a certificate for 127.0.0.1.
public final class MariaDBServer: Sendable {
    /// The one of this run.
    public static let shared = MariaDBServer()

    /// Another one of this run, for backups: a backup holds back changes of the schema on the whole server.
    public static let backedUp = MariaDBServer()

    /// Password of the user over TCP.
    public static let password = "battery staple"

    /// Whether tests that need it are run: where it is installed, and in CI in any case.
    public static let isWanted =
        FileManager.default.isExecutableFile(atPath: "/usr/sbin/mariadbd")
        || ProcessInfo.processInfo.environment["CI"] == "true"

    /// Its directory: the socket `s`, and `server.crt`, the authority of its certificate.
    public var directory: String { process.directory }
    /// Its port.
    public var port: Int { process.port }
    private let process: ServerProcess

    /// Starts a server of its own.
    ///
    /// - Parameter settings: beside the usual ones, as `--max-connections=5`.
    public init(settings: [String] = []) {
        process = ServerProcess(
            named: "mariadb",
            script: Self.script,
            words: [Self.password] + settings,
            readyWhenItSays: "ready for connections"
        )
    }

    /// The address of a database over the socket.
    public func socket(_ database: String = "mysql") -> ServerAddress {
        ServerAddress(host: directory + "/s", database: database, user: "phasegate")
    }

    /// The address of a database over TCP.
    ///
    /// - Parameters:
    ///   - database: the database.
    ///   - password: where the password is.
    /// - Returns: the address, without encryption.
    public func loopback(_ database: String = "mysql", password: SecretReference?) -> ServerAddress {
        ServerAddress(host: "127.0.0.1", port: port, database: database, user: "phasegate", password: password)
    }

    /// Returns once it takes connections.
    ///
    /// - Throws: what it wrote instead.
    public func waitUntilReady() async throws { try await process.waitUntilReady() }

    /// Ends it as a crash does, in the middle of whatever is under way, and starts it again.
    public func restart() async throws { try await process.restart() }

    /// Makes an empty database.
    public func create(_ database: String) async throws { try await client("CREATE DATABASE `\(database)`") }

    /// Runs statements with the server's own client.
    ///
    /// - Returns: what it prints, without headings.
    @discardableResult
    public func client(_ sql: String, on database: String = "mysql") async throws -> String {
        try await waitUntilReady()
        let output = try await ChildProgram(
            "/usr/bin/mariadb",
            ["--no-defaults", "-N", "-B", "-S", directory + "/s", "-u", "phasegate", "-e", sql, database]
        ).output()
        return String(decoding: output, as: UTF8.self).trimmingCharacters(in: .newlines)
    }

    private static let script = """
        set -eu
        dir=$1 port=$2 password=$3
        shift 3
        \(ServerProcess.preparation(as: "mysql"))
        cat >"$dir/init.sql" <<END
        CREATE USER IF NOT EXISTS phasegate@localhost;
        GRANT ALL ON *.* TO phasegate@localhost WITH GRANT OPTION;
        CREATE USER IF NOT EXISTS phasegate@'127.0.0.1' IDENTIFIED BY '$password';
        GRANT ALL ON *.* TO phasegate@'127.0.0.1' WITH GRANT OPTION;
        END
        chmod 644 "$dir/init.sql"
        cd "$dir"
        # Two servers that begin at once would clear away each other's temporary files.
        $as mkdir tmp
        $as mariadb-install-db --no-defaults --datadir="$dir/data" --auth-root-authentication-method=normal \
            --skip-test-db --skip-name-resolve --tmpdir="$dir/tmp" >/dev/null
        set -- --no-defaults --datadir="$dir/data" --socket="$dir/s" --port="$port" --bind-address=127.0.0.1 \
            --skip-name-resolve --character-set-server=utf8mb4 --innodb-flush-log-at-trx-commit=0 --innodb-flush-method=nosync \
            --init-file="$dir/init.sql" --ssl-cert="$dir/server.crt" --ssl-key="$dir/server.key" --ssl-ca="$dir/server.crt" \
            --max-connections=200 --tmpdir="$dir/tmp" "$@"
        settings=$(printf "'%s' " "$@")
        start() {
            eval "$as mariadbd $settings </dev/null 2>&1 &"
            server=$!
        }
        \(ServerProcess.serving(stop: "TERM", crash: "KILL"))
        """
}

public import PhasegateCore
public import PhasegateProbes
public import PhasegateSecrets

/// Opens databases on PostgreSQL servers, from version 14 on.
///
/// libpq is used as it is: a probe needs deadlines of its own, a cancellation
/// that reaches the server, and timings taken next to the socket.
public struct PostgreSQLEngine: DatabaseEngine {
    /// `postgresql`.
    public let name = "postgresql"

    /// The oldest version that has all that is used here, as the server numbers it.
    static let oldestVersion: Int32 = 140_000

    let secrets: @Sendable (SecretReference) throws(SecretError) -> String

    /// Makes the engine.
    ///
    /// - Parameter secrets: the text behind a reference to a password.
    public init(
        secrets: @escaping @Sendable (SecretReference) throws(SecretError) -> String = {
            reference throws(SecretError) in try secretText(reference)
        }
    ) {
        self.secrets = secrets
    }

    /// Connects to a database that is already there.
    ///
    /// - Throws: `SessionError`: `unreachable` when the server does not answer, refuses the user or lacks the database,
    ///   `unsupported` when it is too old.
    public func open(_ location: DatabaseLocation, for access: SessionAccess) async throws(SessionError)
        -> any DatabaseSession
    { try await session(location, for: access) }

    func session(_ location: DatabaseLocation, for access: SessionAccess) async throws(SessionError)
        -> PostgreSQLSession
    {
        let parameters = try parameters(of: location)
        let session = PostgreSQLSession(address: parameters.address, access: access)
        try await session.open(parameters)
        return session
    }

    func parameters(of location: DatabaseLocation) throws(SessionError) -> ConnectionParameters {
        guard let address = location.address else {
            throw SessionError(.unsupported, "a PostgreSQL database is on a server, and not the file '\(location)'")
        }
        guard let reference = address.password else { return ConnectionParameters(address: address, password: nil) }
        do throws(SecretError) {
            let password = try secrets(reference)
            try checkSecret(password, of: reference)
            return ConnectionParameters(address: address, password: password)
        } catch {
            throw SessionError(.unreachable, "cannot connect to '\(address)': \(error.message)")
        }
    }
}

/// An address with its password, as libpq and its programs take it.
struct ConnectionParameters: Sendable {
    let address: ServerAddress
    private let password: String?

    init(address: ServerAddress, password: String?) {
        self.address = address
        self.password = password
    }

    /// Keywords of libpq with their values (https://www.postgresql.org/docs/15/libpq-connect.html).
    var keywords: [(String, String)] {
        named.map { ($0.keyword, $0.value) } + [
            // What the server hears of us, and how soon it is noticed that the network is gone.
            ("application_name", "phasegate"), ("client_encoding", "UTF8"), ("keepalives_idle", "10"),
            ("keepalives_interval", "5"), ("keepalives_count", "3"), ("tcp_user_timeout", "30000"),
        ]
    }

    /// The same for `pg_dump` and its siblings; a password in the environment is seen by the same user only.
    var environment: [String: String] {
        Dictionary(named.map { ($0.variable, $0.value) }) { first, _ in first }
    }

    private var named: [(keyword: String, variable: String, value: String)] {
        let mode =
            switch address.protection {
            case .off: address.isLocal ? "disable" : "prefer"
            case .encrypted: "require"
            case .verifyAuthority: "verify-ca"
            case .verifyName: "verify-full"
            }
        let seconds = max(1, (address.connectTimeout.milliseconds + 999) / 1000)
        let all: [(String, String, String?)] = [
            ("service", "PGSERVICE", address.service), ("host", "PGHOST", address.host),
            ("port", "PGPORT", address.port.map { "\($0)" }),
            ("dbname", "PGDATABASE", address.database.isEmpty ? nil : address.database),
            ("user", "PGUSER", address.user), ("password", "PGPASSWORD", password), ("sslmode", "PGSSLMODE", mode),
            ("sslrootcert", "PGSSLROOTCERT", address.certificates.authority ?? systemAuthorities),
            ("sslcert", "PGSSLCERT", address.certificates.client), ("sslkey", "PGSSLKEY", address.certificates.key),
            ("connect_timeout", "PGCONNECT_TIMEOUT", "\(seconds)"),
        ]
        return all.compactMap { keyword, variable, value in value.map { (keyword, variable, $0) } }
    }

    /// libpq before version 16 does not know the system's authorities by itself.
    private var systemAuthorities: String? {
        switch address.protection {
        case .off, .encrypted: nil
        case .verifyAuthority, .verifyName: "/etc/ssl/certs/ca-certificates.crt"
        }
    }
}

import Glibc
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

    /// What it takes to connect to a database, its password included.
    ///
    /// - Throws: `SessionError` when the password cannot be had, or a variable would lead elsewhere.
    package func parameters(of location: DatabaseLocation) throws(SessionError) -> ConnectionParameters {
        guard let address = location.address else {
            throw SessionError(.unsupported, "a PostgreSQL database is on a server, and not the file '\(location)'")
        }
        try refuseEnvironment(address)
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

extension PostgreSQLEngine {
    /// libpq fills what is not said from variables, which the plan and its reviewers know nothing of.
    private func refuseEnvironment(_ address: ServerAddress) throws(SessionError) {
        let isOpenEnded = address.host == nil && address.service == nil
        for variable in ["PGHOSTADDR"] + (isOpenEnded ? ["PGHOST", "PGSERVICE"] : []) where getenv(variable) != nil {
            throw SessionError(
                .unsupported,
                "the environment variable \(variable) would lead '\(address)' to another server; unset it, or name the host"
            )
        }
    }
}

/// An address with its password, as libpq and its programs take it.
package struct ConnectionParameters: Sendable {
    let address: ServerAddress
    /// How long the other side may be silent before the network counts as gone.
    package var silence = Duration.seconds(30)
    private let password: String?

    init(address: ServerAddress, password: String?) {
        self.address = address
        self.password = password
    }

    /// Keywords of libpq with their values (https://www.postgresql.org/docs/15/libpq-connect.html).
    ///
    /// - Parameter settings: of the session, as `name=value`, without blanks. They go with the connection itself, so that a
    ///   pooler that would hand them on to others refuses them.
    /// - Returns: keywords and values, the password among them.
    func keywords(settings: [String]) -> [(String, String)] {
        let seconds = max(1, silence.milliseconds / 1000)
        return named + (password.map { [("password", $0)] } ?? []) + [
            // What the server hears of us, and how soon it is noticed that the network is gone.
            ("application_name", "phasegate"), ("client_encoding", "UTF8"),
            ("keepalives_idle", "\(max(1, seconds / 3))"), ("keepalives_interval", "\(max(1, seconds / 6))"),
            ("keepalives_count", "3"), ("tcp_user_timeout", "\(silence.milliseconds)"),
            ("options", settings.map { "-c \($0)" }.joined(separator: " ")),
        ]
    }

    /// The same as one argument for `pg_dump` and its siblings, without the password: what is said here beats a service.
    func argument(database: String? = nil) -> String {
        var words = named
        if let database { words = words.filter { $0.0 != "dbname" } + [("dbname", database)] }
        return words.map { name, value in
            let escaped = value.unicodeScalars.flatMap { $0 == "'" || $0 == "\\" ? ["\\", $0] : [$0] }
            return "\(name)='\(String(String.UnicodeScalarView(escaped)))'"
        }.joined(separator: " ")
    }

    /// The password for those programs; in the environment it is seen by the same user only.
    var environment: [String: String] { password.map { ["PGPASSWORD": $0] } ?? [:] }

    private var named: [(String, String)] {
        let mode =
            switch address.protection {
            case .off: address.isLocal ? "disable" : "prefer"
            case .encrypted: "require"
            case .verifyAuthority: "verify-ca"
            case .verifyName: "verify-full"
            }
        let seconds = max(1, (address.connectTimeout.milliseconds + 999) / 1000)
        let all: [(String, String?)] = [
            ("service", address.service), ("host", address.host), ("port", address.port.map { "\($0)" }),
            ("dbname", address.database.isEmpty ? nil : address.database), ("user", address.user), ("sslmode", mode),
            ("sslrootcert", address.certificates.authority ?? systemAuthorities),
            ("sslcert", address.certificates.client), ("sslkey", address.certificates.key),
            ("connect_timeout", "\(seconds)"),
        ]
        return all.compactMap { keyword, value in value.map { (keyword, $0) } }
    }

    /// libpq before version 16 does not know the system's authorities by itself.
    private var systemAuthorities: String? {
        switch address.protection {
        case .off, .encrypted: nil
        case .verifyAuthority, .verifyName: "/etc/ssl/certs/ca-certificates.crt"
        }
    }
}

/// Where a database lies.
public enum DatabaseLocation: Hashable, Codable, Sendable {
    /// A file, relative to the workspace.
    case file(String)
    /// A database on a server.
    case server(ServerAddress)

    /// The path, if it is a file.
    public var path: String? {
        if case .file(let path) = self { path } else { nil }
    }

    /// The address, if it is on a server.
    public var address: ServerAddress? {
        if case .server(let address) = self { address } else { nil }
    }
}

extension DatabaseLocation: CustomStringConvertible {
    /// Where it is, for people; never with a secret in it.
    public var description: String {
        switch self {
        case .file(let path): path
        case .server(let address): address.description
        }
    }
}

/// How to reach a database on a server; secrets stand in it by reference only.
public struct ServerAddress: Hashable, Codable, Sendable, CustomStringConvertible {
    /// How the connection is protected.
    public enum Protection: String, Codable, Sendable, CaseIterable {
        /// Not at all: for sockets and loopback.
        case off
        /// Encrypted, to whoever answers.
        case encrypted
        /// Encrypted, to a server whose certificate is signed by the authority.
        case verifyAuthority = "verify-ca"
        /// Encrypted, to a server whose certificate is signed by the authority and names the host.
        case verifyName = "verify-full"
    }

    /// Certificates of an encrypted connection, as paths.
    public struct Certificates: Hashable, Codable, Sendable {
        /// The authority's; the system's own when there is none.
        public var authority: String?
        /// The client's.
        public var client: String?
        /// The key to the client's.
        public var key: String?

        /// Puts certificates together.
        public init(authority: String? = nil, client: String? = nil, key: String? = nil) {
            self.authority = authority
            self.client = client
            self.key = key
        }
    }

    /// Name or address of the machine, or an absolute path: the directory of the socket (PostgreSQL) or the socket
    /// (MariaDB).
    public var host: String?
    /// The port; the engine's own when there is none.
    public var port: Int?
    /// The database on that server.
    public var database: String
    /// Who connects; the user of the process when nobody is named.
    public var user: String?
    /// Where the password is; none for socket authentication and certificates.
    public var password: SecretReference?
    /// A service of PostgreSQL's `pg_service.conf`, for what is not said here.
    public var service: String?
    /// How the connection is protected.
    public var protection: Protection
    /// Certificates.
    public var certificates: Certificates
    /// How long connecting may take.
    public var connectTimeout: Duration
    /// How long a statement waits for somebody else's lock.
    public var lockTimeout: Duration

    /// Puts an address together.
    public init(
        host: String? = nil,
        port: Int? = nil,
        database: String,
        user: String? = nil,
        password: SecretReference? = nil,
        service: String? = nil,
        protection: Protection = .off,
        certificates: Certificates = Certificates(),
        connectTimeout: Duration = .seconds(5),
        lockTimeout: Duration = .seconds(5)
    ) {
        self.host = host
        self.port = port
        self.database = database
        self.user = user
        self.password = password
        self.service = service
        self.protection = protection
        self.certificates = certificates
        self.connectTimeout = connectTimeout
        self.lockTimeout = lockTimeout
    }

    /// The same server, another database.
    public func with(database: String) -> ServerAddress {
        var copy = self
        copy.database = database
        return copy
    }

    /// Whether nothing leaves the machine on the way to it; a service may lead anywhere.
    public var isLocal: Bool { service == nil && Self.isLocal(host) }

    /// Whether a host is this machine: a socket, or a loopback address.
    public static func isLocal(_ host: String?) -> Bool {
        guard let host else { return true }
        // A list of hosts may lead anywhere, and a name may begin like an address.
        guard !host.contains(",") else { return false }
        let isLoopback = host.hasPrefix("127.") && host.allSatisfy { $0.isASCII && ($0.isNumber || $0 == ".") }
        return host.hasPrefix("/") || host == "localhost" || host == "::1" || isLoopback
    }

    /// `user@host:port/database`, as far as it is said.
    public var description: String {
        let place = service.map { "service \($0)" } ?? host ?? "local socket"
        return (user.map { "\($0)@" } ?? "") + place + (port.map { ":\($0)" } ?? "") + "/" + database
    }
}

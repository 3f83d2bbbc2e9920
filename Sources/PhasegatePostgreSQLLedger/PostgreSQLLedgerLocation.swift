public import PhasegateCore

/// Where a ledger lies on a PostgreSQL server, and how long its leases last: read from a URL.
///
/// `postgresql://[USER@]HOST[:PORT]/DATABASE[?OPTION=VALUE&…]`, as libpq
/// writes it, without a secret in it. What is not said comes from where libpq
/// looks: its password file and its services.
public struct PostgreSQLLedgerLocation: Hashable, Sendable, CustomStringConvertible {
    /// How long a lease lasts when the URL does not say.
    public static let defaultLease = Duration.seconds(30)

    /// Where the database is; with the password by reference only.
    public let address: ServerAddress
    /// How long a controller that is not heard of keeps others out.
    public let lease: Duration

    private static let schemes = ["postgresql://", "postgres://"]
    private static let options = [
        "host", "port", "dbname", "user", "password", "service", "sslmode", "sslrootcert", "sslcert", "sslkey",
        "connect_timeout", "lease",
    ]

    /// Whether a text names a place on a PostgreSQL server.
    public static func isMeant(by text: String) -> Bool {
        let text = text.lowercased()
        return schemes.contains { text.hasPrefix($0) }
    }

    /// Reads a URL.
    ///
    /// - Throws: `LedgerError.badAddress`, which repeats no value: a secret may stand where none belongs.
    public init(_ text: String) throws(LedgerError) {
        let lower = text.lowercased()
        guard let scheme = Self.schemes.first(where: { lower.hasPrefix($0) }) else {
            throw Self.bad("it does not begin with postgresql://")
        }
        let rest = text.dropFirst(scheme.count)
        let question = rest.firstIndex(of: "?")
        var said = try Self.place(rest[..<(question ?? rest.endIndex)])
        if let question {
            for pair in rest[rest.index(after: question)...].split(separator: "&") {
                let (name, value) = try Self.option(pair)
                said[name] = value
            }
        }
        let timeout = try Self.duration(said["connect_timeout"], "connect_timeout", bareUnit: "s")
        address = try Self.address(said, connectTimeout: timeout ?? .seconds(5))
        lease = try Self.duration(said["lease"], "lease", bareUnit: "") ?? Self.defaultLease
        guard lease >= .seconds(1), lease <= .seconds(3600) else { throw Self.bad("'lease' is 1 s to 1 h") }
    }

    /// The place, for people.
    public var description: String { "postgresql://\(address)" }

    // MARK: Reading

    /// What stands before the question mark.
    private static func place(_ text: Substring) throws(LedgerError) -> [String: String] {
        var said: [String: String] = [:]
        let slash = text.firstIndex(of: "/")
        var machine = text[..<(slash ?? text.endIndex)]
        if let slash { said["dbname"] = try decoded(text[text.index(after: slash)...], "dbname") }
        if let at = machine.lastIndex(of: "@") {
            let user = machine[..<at]
            guard !user.contains(":") else { throw literalPassword }
            said["user"] = try decoded(user, "user")
            machine = machine[machine.index(after: at)...]
        }
        // A colon in brackets belongs to an address of IPv6.
        let end = machine.lastIndex(of: "]") ?? machine.startIndex
        if let colon = machine[end...].lastIndex(of: ":") {
            said["port"] = String(machine[machine.index(after: colon)...])
            machine = machine[..<colon]
        }
        if machine.hasPrefix("["), machine.hasSuffix("]") { machine = machine.dropFirst().dropLast() }
        said["host"] = try decoded(machine, "host")
        return said.filter { !$0.value.isEmpty }
    }

    private static func option(_ pair: Substring) throws(LedgerError) -> (String, String) {
        let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        guard options.contains(name) else {
            // Not its text: what follows an ampersand may be the rest of a password.
            throw bad("it has an option that is not known; there are \(options.joined(separator: ", "))")
        }
        guard parts.count == 2, !parts[1].isEmpty else { throw bad("'\(name)' has no value") }
        return (name, try decoded(parts[1], name))
    }

    private static func address(_ said: [String: String], connectTimeout: Duration) throws(LedgerError)
        -> ServerAddress
    {
        guard said["dbname"] != nil || said["service"] != nil else {
            throw bad("it names no database: postgresql://HOST/DATABASE")
        }
        var port: Int?
        if let text = said["port"] {
            guard let number = Int(text), (1...65_535).contains(number) else { throw bad("'port' is 1 to 65535") }
            port = number
        }
        let isLocal = said["service"] == nil && ServerAddress.isLocal(said["host"])
        return ServerAddress(
            host: said["host"],
            port: port,
            database: said["dbname"] ?? "",
            user: said["user"],
            password: try password(said["password"]),
            service: said["service"],
            protection: try protection(said["sslmode"], isLocal: isLocal),
            certificates: ServerAddress.Certificates(
                authority: said["sslrootcert"],
                client: said["sslcert"],
                key: said["sslkey"]
            ),
            connectTimeout: connectTimeout
        )
    }

    private static func password(_ text: String?) throws(LedgerError) -> SecretReference? {
        guard let text else { return nil }
        do throws(Diagnostic) {
            return try SecretReference(text, key: "password")
        } catch {
            throw literalPassword
        }
    }

    private static func protection(_ mode: String?, isLocal: Bool) throws(LedgerError) -> ServerAddress.Protection {
        switch mode {
        case nil: return isLocal ? .off : .verifyName
        case "verify-full": return .verifyName
        case "verify-ca": return .verifyAuthority
        case "require": return .encrypted
        case "disable" where isLocal: return .off
        case "disable":
            throw bad("the server is on another machine and would be reached without encryption; take 'sslmode' out")
        default: throw bad("'sslmode' is disable, require, verify-ca or verify-full")
        }
    }

    private static func duration(_ text: String?, _ name: String, bareUnit: String) throws(LedgerError) -> Duration? {
        guard let text else { return nil }
        guard let duration = Duration(text: text) ?? Duration(text: text + bareUnit), duration > .zero else {
            throw bad("'\(name)' is a duration, as 10s")
        }
        return duration
    }

    private static func decoded(_ text: Substring, _ name: String) throws(LedgerError) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            guard digits.utf8.count == 2, let value = UInt8(digits, radix: 16), value >= 0x20 else {
                throw bad("'\(name)' has a '%' without two hexadecimal digits")
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let literalPassword = bad(
        "it holds a password, which others could read in the list of processes; take it out and write"
            + " ?password=env:NAME or ?password=file:PATH, or use libpq's password file"
    )

    private static func bad(_ why: String) -> LedgerError {
        LedgerError(.badAddress, "the ledger's URL cannot be used: \(why)")
    }
}

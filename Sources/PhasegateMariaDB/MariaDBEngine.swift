import CMariaDB
import Glibc
public import PhasegateCore
public import PhasegateProbes
public import PhasegateSecrets

/// Opens databases on MariaDB servers, from version 10.11 on.
public struct MariaDBEngine: DatabaseEngine {
    /// `mariadb`.
    public let name = "mariadb"

    /// The oldest version whose single DDL statements are atomic and that has CRC32C, as the server numbers it.
    static let oldestVersion: UInt = 101_100

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
    ///   `unsupported` when it is too old or something else.
    public func open(_ location: DatabaseLocation, for access: SessionAccess) async throws(SessionError)
        -> any DatabaseSession
    { try await session(location, for: access) }

    func session(_ location: DatabaseLocation, for access: SessionAccess) async throws(SessionError) -> MariaDBSession {
        let access = (try address(of: location), try password(of: location), access)
        let session = MariaDBSession(address: access.0, access: access.2)
        try await session.open(password: access.1)
        return session
    }

    func address(of location: DatabaseLocation) throws(SessionError) -> ServerAddress {
        guard let address = location.address else {
            throw SessionError(.unsupported, "a MariaDB database is on a server, and not the file '\(location)'")
        }
        guard address.service == nil else {
            throw SessionError(.unsupported, "services are PostgreSQL's: say where '\(address)' is")
        }
        return address
    }

    func password(of location: DatabaseLocation) throws(SessionError) -> String? {
        guard let reference = location.address?.password else { return nil }
        do throws(SecretError) {
            let password = try secrets(reference)
            try checkSecret(password, of: reference)
            return password
        } catch {
            throw SessionError(.unreachable, "cannot connect to '\(location)': \(error.message)")
        }
    }
}

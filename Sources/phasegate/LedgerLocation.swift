import FoundationEssentials
import Glibc
import PhasegateCore
import PhasegateLedger
import PhasegatePostgreSQLLedger

/// Where a ledger lies: a file of this machine, or a database that several machines share.
enum LedgerLocation {
    /// A SQLite file.
    case file(String)
    /// A database on a PostgreSQL server.
    case server(PostgreSQLLedgerLocation)

    /// Reads what `--ledger` or `PHASEGATE_LEDGER` says.
    ///
    /// - Throws: `LedgerError.badAddress` when it is a URL that cannot be used; the message does not repeat it.
    init(_ text: String) throws {
        if PostgreSQLLedgerLocation.isMeant(by: text) {
            self = .server(try PostgreSQLLedgerLocation(text))
        } else if text.contains("://") {
            throw LedgerError(
                .badAddress,
                "a ledger is a file, or a database behind postgresql://; this URL is neither"
            )
        } else {
            self = .file(text)
        }
    }

    /// Opens the ledger.
    ///
    /// - Parameter creating: whether one that is not there is made.
    /// - Returns: the ledger, whatever it is kept in.
    /// - Throws: `LedgerError`.
    func open(creating: Bool = false) async throws -> any SharedLedger {
        switch self {
        case .file(let path): try SQLiteLedger(path: path, creating: creating, onPoint: faultPoint())
        case .server(let place): try await PostgreSQLLedger(place, creating: creating, onPoint: faultPoint())
        }
    }

    /// How often somebody who waits for the lease asks for it.
    var patience: Duration {
        switch self {
        case .file: .milliseconds(500)
        case .server(let place): min(.milliseconds(500), place.lease / 10)
        }
    }
}

/// In debug builds, kills the process at an append that a test names: `PHASEGATE_FAULT=before:7`, `committing:7` or
/// `after:7`.
private func faultPoint() -> @Sendable (LedgerPoint) -> Void {
    #if DEBUG
    guard let text = ProcessInfo.processInfo.environment["PHASEGATE_FAULT"] else { return { _ in } }
    let parts = text.split(separator: ":").map(String.init)
    guard parts.count == 2, let goal = Int(parts[1]) else { return { _ in } }
    return { point in
        let (name, sequence) =
            switch point {
            case .before(let sequence): ("before", sequence)
            case .committing(let sequence): ("committing", sequence)
            case .after(let sequence): ("after", sequence)
            }
        if parts[0] == name, sequence >= goal { kill(getpid(), SIGKILL) }
    }
    #else
    return { _ in }
    #endif
}

import GRDB

/// What went wrong, in the design's five words, so that failures are counted by kind.
///
/// | category | SQLite's result |
/// |---|---|
/// | connection | CANTOPEN, NOTADB, IOERR, FULL, READONLY, PERM, AUTH, PROTOCOL, NOLFS; the breaker is open |
/// | query | syntax errors, constraint violations but foreign keys, MISMATCH, RANGE, TOOBIG, and whatever has no other place |
/// | performance | BUSY, LOCKED, INTERRUPT: somebody waited too long |
/// | migration | no such table or column, SCHEMA, CORRUPT |
/// | integrity | foreign key violations, an index that disagrees with its table |
///
/// The design names corruption under migration, and constraints under query;
/// only a broken foreign key and an inconsistency found by SQLite are integrity.
enum ErrorCategory: String, CaseIterable, Sendable {
    case connection
    case query
    case performance
    case migration
    case integrity

    /// `SQLITE_CORRUPT_INDEX`, which GRDB has no name for.
    private static let corruptIndex: Int32 = 779

    /// Sorts an error; one that is not SQLite's is the statement's own fault.
    init(of error: any Error) {
        guard let error = error as? DatabaseError else {
            self = .query
            return
        }
        if error.extendedResultCode == .SQLITE_CONSTRAINT_FOREIGNKEY
            || error.extendedResultCode.rawValue == Self.corruptIndex
        {
            self = .integrity
            return
        }
        switch error.resultCode {
        case .SQLITE_CANTOPEN, .SQLITE_NOTADB, .SQLITE_IOERR, .SQLITE_FULL, .SQLITE_READONLY, .SQLITE_PERM,
            .SQLITE_AUTH, .SQLITE_PROTOCOL, .SQLITE_NOLFS:
            self = .connection
        case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_INTERRUPT: self = .performance
        case .SQLITE_SCHEMA, .SQLITE_CORRUPT: self = .migration
        case .SQLITE_ERROR: self = Self.isAboutSchema(error.message ?? "") ? .migration : .query
        default: self = .query
        }
    }

    /// SQLite has no code of its own for a table or column that is not there; its sentence is the only sign.
    private static func isAboutSchema(_ message: String) -> Bool {
        message.hasPrefix("no such table") || message.hasPrefix("no such column") || message.hasPrefix("no such index")
            || message.contains(" has no column named ")
    }
}

import PhasegateCore
import PhasegateProbes

/// The ledger's tables, in a schema of their own.
enum PostgreSQLLedgerSchema {
    /// What of a ledger is there.
    private enum Found {
        case nothing
        case emptySchema
        case ledger
        case somethingElse
    }

    private static let format: Int64 = 1

    /// Demands a ledger, and makes it if that is wanted and nothing is in its place.
    ///
    /// - Throws: `LedgerError` when there is none, or somebody else's schema is in its place.
    static func prepare(_ connection: LedgerConnection, at place: PostgreSQLLedgerLocation, creating: Bool) throws {
        var found = try look(connection)
        if found == .nothing || found == .emptySchema {
            guard creating else {
                throw LedgerError(.unreachable, "there is no ledger in '\(place)'; phasegate check or run begins one")
            }
            try connection.look {
                // Two controllers may begin at once; the second finds all there.
                _ = try connection.rows("SELECT pg_advisory_xact_lock(hashtext('phasegate ledger'), 0)")
                found = try look(connection)
                if found == .nothing { try connection.run("CREATE SCHEMA phasegate") }
                if found == .nothing || found == .emptySchema { try connection.run(tables) }
            }
            found = try look(connection)
        }
        guard found == .ledger else {
            throw LedgerError(
                .unreachable,
                "the schema 'phasegate' in '\(place)' is another program's, not a phasegate ledger; name another database"
            )
        }
        let version = try connection.rows("SELECT max(version)::bigint FROM phasegate.ledger_format").first?.first
        guard version?.integer == format else {
            throw LedgerError(
                .unreachable,
                "the ledger in '\(place)' has format \(version?.integer ?? 0), and this phasegate knows \(format); use the version that wrote it"
            )
        }
    }

    private static func look(_ connection: LedgerConnection) throws -> Found {
        let row = try connection.rows(
            """
            SELECT count(n.oid), count(c.oid), count(c.oid) FILTER (WHERE c.relname = 'ledger_format')
            FROM pg_namespace n LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
            WHERE n.nspname = 'phasegate'
            """
        ).first?.compactMap(\.integer)
        guard let row, row.count == 3 else { throw SessionError(.failed, "the catalogue cannot be read") }
        if row[2] > 0 { return .ledger }
        if row[0] == 0 { return .nothing }
        return row[1] == 0 ? .emptySchema : .somethingElse
    }

    /// Texts are compared byte by byte, as everywhere else, whatever the database's language is.
    private static let tables = """
        CREATE TABLE phasegate.ledger_format (version integer NOT NULL PRIMARY KEY);
        INSERT INTO phasegate.ledger_format VALUES (\(format));
        CREATE TABLE phasegate.entries (
            rollout text COLLATE "C" NOT NULL,
            sequence bigint NOT NULL,
            at text NOT NULL,
            actor text NOT NULL,
            event text NOT NULL,
            hash text NOT NULL,
            PRIMARY KEY (rollout, sequence)
        );
        CREATE TABLE phasegate.snapshots (
            rollout text COLLATE "C" PRIMARY KEY,
            sequence bigint NOT NULL,
            hash text NOT NULL,
            state text NOT NULL
        );
        CREATE TABLE phasegate.leases (
            rollout text COLLATE "C" PRIMARY KEY,
            token bigint NOT NULL,
            holder text NOT NULL,
            since text NOT NULL,
            renewed timestamptz NOT NULL,
            expires timestamptz NOT NULL
        );
        CREATE TABLE phasegate.heads (
            rollout text COLLATE "C" PRIMARY KEY,
            sequence bigint NOT NULL,
            hash text NOT NULL
        );
        CREATE FUNCTION phasegate.refuse_change() RETURNS trigger LANGUAGE plpgsql AS
            'BEGIN RAISE EXCEPTION ''the ledger is append-only''; END';
        CREATE TRIGGER entries_are_not_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON phasegate.entries
            FOR EACH STATEMENT EXECUTE FUNCTION phasegate.refuse_change();
        ALTER TABLE phasegate.entries ENABLE ALWAYS TRIGGER entries_are_not_changed;
        """
}

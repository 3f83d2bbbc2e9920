import GRDB
import PhasegateStatistics

/// Accounts between which money moves: what they hold together never changes.
struct Bank {
    static let accounts = 20
    static let opening = 10_000
    static let total = accounts * opening
    /// Statements of a transfer, and so the places at which one can fail.
    static let statements = 3

    static let schema = """
        CREATE TABLE accounts (id INTEGER PRIMARY KEY, cents INTEGER NOT NULL CHECK (cents >= 0));
        CREATE TABLE transfers (id INTEGER PRIMARY KEY, payer INTEGER NOT NULL, payee INTEGER NOT NULL, cents INTEGER NOT NULL);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(accounts))
        INSERT INTO accounts SELECT i, \(opening) FROM n;
        """

    struct Transfer {
        let id: Int
        let payer: Int
        let payee: Int
        let cents: Int

        init(id: Int, _ generator: inout SeededGenerator) {
            self.id = id
            payer = 1 + generator.below(Bank.accounts)
            payee = 1 + (payer + generator.below(Bank.accounts - 1)) % Bank.accounts
            cents = 1 + generator.below(200)
        }
    }

    /// Moves the money, statement by statement, in the caller's transaction.
    ///
    /// In place of the statement `failing`, counted from 1, one violates a
    /// constraint. `pause` is called after each, with the number that are done.
    static func move(_ transfer: Transfer, failing: Int? = nil, in db: Database, pause: (Int) -> Void = { _ in }) throws
    {
        let steps: [(sql: String, arguments: StatementArguments)] = [
            ("UPDATE accounts SET cents = cents - ? WHERE id = ?", [transfer.cents, transfer.payer]),
            ("UPDATE accounts SET cents = cents + ? WHERE id = ?", [transfer.cents, transfer.payee]),
            (
                "INSERT INTO transfers VALUES (?, ?, ?, ?)",
                [transfer.id, transfer.payer, transfer.payee, transfer.cents]
            ),
        ]
        for (number, step) in steps.enumerated() {
            if number + 1 == failing {
                try db.execute(sql: "UPDATE accounts SET cents = -1 WHERE id = ?", arguments: [transfer.payer])
            }
            try db.execute(sql: step.sql, arguments: step.arguments)
            pause(number + 1)
        }
    }

    /// What all accounts hold, read in two parts, so that a reader without a snapshot sees money twice or not at all.
    static func total(in db: Database, between: () -> Void = {}) throws -> Int {
        let half = accounts / 2
        let first = try Int.fetchOne(db, sql: "SELECT sum(cents) FROM accounts WHERE id <= ?", arguments: [half]) ?? 0
        between()
        return try first
            + (Int.fetchOne(db, sql: "SELECT sum(cents) FROM accounts WHERE id > ?", arguments: [half]) ?? 0)
    }

    /// Cents by which the accounts differ from what the transfers that are there explain, added up, and from the total.
    static func drift(in db: Database) throws -> Int {
        let unexplained = try Int.fetchOne(
            db,
            sql: """
                SELECT sum(abs(a.cents - \(opening)
                    + (SELECT coalesce(sum(cents), 0) FROM transfers WHERE payer = a.id)
                    - (SELECT coalesce(sum(cents), 0) FROM transfers WHERE payee = a.id)))
                FROM accounts a
                """
        )
        return try abs(total(in: db) - total) + (unexplained ?? total)
    }

    /// Everything that is there, to compare.
    static func state(of db: Database) throws -> [String] {
        try String.fetchAll(
            db,
            sql: """
                SELECT 'account ' || id || ' ' || cents FROM accounts
                UNION ALL SELECT 'transfer ' || id || ' ' || payer || ' ' || payee || ' ' || cents FROM transfers ORDER BY 1
                """
        )
    }
}

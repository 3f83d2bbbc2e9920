import FoundationEssentials
import GRDB
import PhasegateCore

extension FlagSchema {
    /// Reads a row of any version; a damaged one is refused, never guessed at.
    static func record(from row: Row) throws -> FlagRecord {
        let key: String = try row.decode(forColumn: "key")
        let stored: (salt: String, share: Int, version: Int, changedAt: String) = try (
            row.decode(forColumn: "salt"), row.decode(forColumn: "share_bp"), row.decode(forColumn: "version"),
            row.decode(forColumn: "changed_at")
        )
        // A store edited by hand must not turn a typing error into everybody.
        guard (0...BasisPoints.all.rawValue).contains(stored.share), !stored.salt.isEmpty,
            let changedAt = Moment(stored.changedAt), let draw = draw(from: row, salt: stored.salt)
        else { throw FlagError(.unreadable, "the record of flag '\(key)' is damaged") }
        let killed: Int = row.hasColumn("killed") ? try row.decode(forColumn: "killed") : 0
        return try FlagRecord(
            key: FlagKey(rawValue: key),
            draw: draw,
            share: BasisPoints(rawValue: stored.share),
            version: stored.version,
            changedAt: changedAt,
            actor: row.decode(forColumn: "actor"),
            reason: row.decode(forColumn: "reason"),
            evidence: row.decode(forColumn: "evidence"),
            isKilled: killed != 0
        )
    }

    /// Makes a record the current one and adds it to the history.
    static func insert(_ record: FlagRecord, in db: Database) throws {
        let ranked: String =
            switch record.draw.cohort {
            case .percent: "null"
            case .ranked(let keys): try json(keys)
            }
        let values: StatementArguments = [
            record.key.rawValue, record.draw.salt, record.draw.algorithm.rawValue, record.draw.bucketBy, ranked,
            try json(record.draw.deny), try json(record.draw.allow), record.share.rawValue, record.version,
            record.changedAt.description, record.actor, record.reason, record.evidence,
            record.isKilled ? 1 : 0,
        ]
        for statement in ["INSERT OR REPLACE INTO flags", "INSERT INTO flag_history"] {
            try db.execute(
                sql: """
                    \(statement) (
                        key, salt, algorithm, bucket_by, ranked, deny, allow,
                        share_bp, version, changed_at, actor, reason, evidence, killed
                    ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: values
            )
        }
    }

    private static func draw(from row: Row, salt: String) -> FlagDraw? {
        guard row.hasColumn("algorithm") else { return FlagDraw(salt: salt) }
        guard let name = text("algorithm", of: row), let algorithm = FlagAlgorithm(rawValue: name),
            let bucketBy = text("bucket_by", of: row), !bucketBy.isEmpty,
            let ranked = text("ranked", of: row), let deny = keys("deny", of: row), let allow = keys("allow", of: row)
        else { return nil }
        let cohort: FlagCohort
        if ranked == "null" {
            cohort = .percent
        } else {
            guard let keys = keys("ranked", of: row) else { return nil }
            cohort = .ranked(keys)
        }
        return FlagDraw(
            salt: salt,
            algorithm: algorithm,
            bucketBy: bucketBy,
            cohort: cohort,
            deny: deny,
            allow: allow
        )
    }

    private static func text(_ column: String, of row: Row) -> String? { try? row.decode(forColumn: column) }

    private static func keys(_ column: String, of row: Row) -> [String]? {
        text(column, of: row).flatMap { try? JSONDecoder().decode([String].self, from: Data($0.utf8)) }
    }

    private static func json(_ keys: [String]) throws -> String {
        String(decoding: try JSONEncoder().encode(keys), as: UTF8.self)
    }
}

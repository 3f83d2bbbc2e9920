import FoundationEssentials
import GRDB
import PhasegateCore
import PhasegateFlags
import Testing

@Suite("flag store")
struct FlagStoreTests {
    private let scratch: Scratch
    private let store: FlagStore
    private let noon = Moment(milliseconds: 1_790_000_000_123)

    init() throws {
        scratch = try Scratch()
        store = FlagStore(path: scratch.path())
    }

    @discardableResult
    private func set(
        _ share: Int,
        expecting version: Int?,
        key: FlagKey = "optimised-reads",
        salt: String = "optimised-reads",
        actor: String = "lead"
    ) throws -> FlagRecord {
        try store.set(
            key: key,
            draw: FlagDraw(salt: salt),
            share: BasisPoints(rawValue: share),
            expecting: version,
            actor: actor,
            reason: "gate passed",
            evidence: "sha256:1",
            at: noon
        )
    }

    private func code(_ body: () throws -> Void) -> FlagError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? FlagError)?.code
        }
    }

    @Test func isEmptyBeforeTheFirstSetting() throws {
        #expect(try store.record(of: "optimised-reads") == nil)
        #expect(try store.history(of: "optimised-reads").isEmpty)
        #expect(!FileManager.default.fileExists(atPath: store.path), "reading must not create a store")
    }

    @Test func keepsWhatWasSet() throws {
        let record = try set(500, expecting: nil)
        #expect(record.version == 1 && record.share.rawValue == 500 && record.changedAt == noon)
        #expect(record.actor == "lead" && record.reason == "gate passed" && record.evidence == "sha256:1")
        #expect(try store.record(of: "optimised-reads") == record)
        // Another process sees the same.
        #expect(try FlagStore(path: store.path).record(of: "optimised-reads") == record)
        #expect(try store.record(of: "another") == nil)
    }

    @Test func keepsEverySetting() throws {
        for (index, share) in [500, 2500, 0].enumerated() { try set(share, expecting: index == 0 ? nil : index) }
        #expect(try store.history(of: "optimised-reads").map(\.share.rawValue) == [500, 2500, 0])
        #expect(try store.history(of: "optimised-reads").map(\.version) == [1, 2, 3])
    }

    @Test func refusesADecisionThatWasMadeOnAnotherVersion() throws {
        try set(500, expecting: nil)
        #expect(code { try set(2500, expecting: nil) } == .conflict)
        #expect(code { try set(2500, expecting: 2) } == .conflict)
        #expect(try store.record(of: "optimised-reads")?.share.rawValue == 500)
        #expect(code { try set(2500, expecting: 1, key: "never-set") } == .conflict)
    }

    @Test func refusesAnotherSalt() throws {
        try set(500, expecting: nil)
        #expect(code { try set(2500, expecting: 1, salt: "reseeded") } == .drawDiffers)
        #expect(try store.record(of: "optimised-reads")?.version == 1)
    }

    @Test(arguments: ["", "a b", "a/b", "../x", "ä", "a?b"])
    func refusesKeysThatClientsWouldGarble(key: String) {
        #expect(code { try set(500, expecting: nil, key: FlagKey(rawValue: key)) } == .invalid)
    }

    @Test func wantsASaltAndAnActor() {
        #expect(code { try set(500, expecting: nil, salt: "") } == .invalid)
        #expect(code { try set(500, expecting: nil, actor: "") } == .invalid)
    }

    @Test func tellsAFileItCannotReadFromAMissingOne() throws {
        try "this is no database, and long enough to be seen as none".write(
            toFile: store.path,
            atomically: false,
            encoding: .utf8
        )
        #expect(code { _ = try store.record(of: "optimised-reads") } == .unreadable)
        #expect(code { try set(500, expecting: nil) } == .notWritten)
        try FileManager.default.removeItem(atPath: store.path)
        try FileManager.default.createDirectory(atPath: store.path, withIntermediateDirectories: false)
        #expect(code { _ = try store.record(of: "optimised-reads") } == .unreadable)
    }

    @Test func leavesOtherDatabasesAlone() throws {
        let other = try DatabaseQueue(path: store.path)
        try other.write { db in try db.execute(sql: "CREATE TABLE trades (id INTEGER PRIMARY KEY)") }
        try other.close()
        let before = try Data(contentsOf: URL(filePath: store.path))
        #expect(code { _ = try store.record(of: "optimised-reads") } == .foreignFile)
        #expect(code { try set(500, expecting: nil) } == .foreignFile)
        #expect(try Data(contentsOf: URL(filePath: store.path)) == before)
    }

    @Test func refusesAStoreOfANewerProgram() throws {
        try set(500, expecting: nil)
        let other = try DatabaseQueue(path: store.path)
        try other.write { db in try db.execute(sql: "PRAGMA user_version = 4") }
        #expect(code { _ = try store.record(of: "optimised-reads") } == .foreignFile)
    }

    @Test func neverReadsADamagedShareAsEverybody() throws {
        try set(500, expecting: nil)
        let other = try DatabaseQueue(path: store.path)
        #expect(throws: DatabaseError.self) {
            try other.write { db in try db.execute(sql: "UPDATE flags SET share_bp = 20000") }
        }
        try other.write { db in
            try db.execute(sql: "PRAGMA ignore_check_constraints = ON; UPDATE flags SET share_bp = 20000")
        }
        #expect(code { _ = try store.record(of: "optimised-reads") } == .unreadable)
    }

    @Test(arguments: ["DELETE FROM flag_history", "UPDATE flag_history SET share_bp = 1"])
    func keepsItsHistoryFromBeingRewritten(statement: String) throws {
        try set(500, expecting: nil)
        let other = try DatabaseQueue(path: store.path)
        #expect(throws: DatabaseError.self) { try other.write { db in try db.execute(sql: statement) } }
    }

    @Test func countsOnWhenSomebodyDeletedTheFlag() throws {
        try set(500, expecting: nil)
        let other = try DatabaseQueue(path: store.path)
        try other.write { db in try db.execute(sql: "DELETE FROM flags") }
        #expect(try store.record(of: "optimised-reads") == nil)
        #expect(try set(0, expecting: nil).version == 2)
    }

    @Test func noticesThatTheFileWasReplaced() throws {
        try set(500, expecting: nil)
        #expect(try store.record(of: "optimised-reads")?.share.rawValue == 500)
        let replacement = FlagStore(path: scratch.path("other.sqlite"))
        try replacement.set(
            key: "optimised-reads",
            draw: FlagDraw(salt: "optimised-reads"),
            share: .none,
            expecting: nil,
            actor: "lead",
            reason: "restored",
            at: noon
        )
        for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: store.path + suffix) }
        try FileManager.default.removeItem(atPath: store.path)
        #expect(try store.record(of: "optimised-reads") == nil)
        try FileManager.default.moveItem(atPath: replacement.path, toPath: store.path)
        #expect(try store.record(of: "optimised-reads")?.share == BasisPoints.none)
    }

    @Test func letsOneOfManyWritersWin() async throws {
        try set(0, expecting: nil)
        let path = store.path
        let won = await withTaskGroup(of: Bool.self) { group in
            for share in 1...8 {
                group.addTask {
                    let record = try? FlagStore(path: path).set(
                        key: "optimised-reads",
                        draw: FlagDraw(salt: "optimised-reads"),
                        share: BasisPoints(rawValue: share),
                        expecting: 1,
                        actor: "writer \(share)",
                        reason: "race",
                        at: Moment(milliseconds: 0)
                    )
                    return record != nil
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(won == 1)
        #expect(try store.record(of: "optimised-reads")?.version == 2)
    }

    private let everything = FlagDraw(
        salt: "s",
        algorithm: .flagdV3,
        bucketBy: "tenant",
        cohort: .ranked(["a", "ü \"b\""]),
        deny: ["x"],
        allow: ["y", "z"]
    )

    private func setEverything(_ draw: FlagDraw, _ share: Int, expecting version: Int?) throws {
        try store.set(
            key: "optimised-reads",
            draw: draw,
            share: BasisPoints(rawValue: share),
            expecting: version,
            actor: "lead",
            reason: "gate passed",
            at: noon
        )
    }

    @Test func keepsTheWholeDraw() throws {
        try setEverything(everything, 500, expecting: nil)
        #expect(try FlagStore(path: store.path).record(of: "optimised-reads")?.draw == everything)
        #expect(try store.history(of: "optimised-reads").map(\.draw) == [everything])
    }

    @Test func refusesAnotherDraw() throws {
        try setEverything(everything, 500, expecting: nil)
        let others = [
            FlagDraw(salt: "s", algorithm: .flagdV2, bucketBy: "tenant", cohort: everything.cohort, deny: ["x"]),
            FlagDraw(salt: "s", algorithm: .flagdV3, cohort: everything.cohort, deny: ["x"], allow: ["y", "z"]),
            FlagDraw(salt: "s", algorithm: .flagdV3, bucketBy: "tenant", deny: ["x"], allow: ["y", "z"]),
            FlagDraw(salt: "s", algorithm: .flagdV3, bucketBy: "tenant", cohort: everything.cohort, deny: ["x"]),
        ]
        for other in others { #expect(code { try setEverything(other, 2500, expecting: 1) } == .drawDiffers) }
        #expect(try store.record(of: "optimised-reads")?.version == 1)
    }

    /// A store as version 1 wrote it.
    private func makeOldStore() throws {
        let old = try DatabaseQueue(path: store.path)
        let columns = """
            salt TEXT NOT NULL CHECK (length(salt) > 0), share_bp INTEGER NOT NULL, version INTEGER NOT NULL,
            changed_at TEXT NOT NULL, actor TEXT NOT NULL, reason TEXT NOT NULL, evidence TEXT NOT NULL
            """
        try old.write { db in
            try db.execute(
                sql: """
                    CREATE TABLE flags (key TEXT PRIMARY KEY NOT NULL, \(columns)) STRICT;
                    CREATE TABLE flag_history (key TEXT NOT NULL, \(columns), PRIMARY KEY (key, version)) STRICT;
                    CREATE TRIGGER flag_history_keeps_rows BEFORE DELETE ON flag_history
                    BEGIN SELECT RAISE(ABORT, 'flag_history is append-only'); END;
                    CREATE TRIGGER flag_history_keeps_values BEFORE UPDATE ON flag_history
                    BEGIN SELECT RAISE(ABORT, 'flag_history is append-only'); END;
                    INSERT INTO flags VALUES
                        ('optimised-reads', 'optimised-reads', 500, 1, '2026-11-01T00:00:00.000Z', 'lead', 'why', '');
                    INSERT INTO flag_history SELECT * FROM flags;
                    PRAGMA application_id = \(0x5047_464C);
                    PRAGMA user_version = 1;
                    """
            )
        }
        try old.close()
    }

    private func version() throws -> Int? {
        let queue = try DatabaseQueue(path: store.path)
        return try queue.read { db in try Int.fetchOne(db, sql: "PRAGMA user_version") }
    }

    @Test func readsAndUpgradesAnOldStore() throws {
        try makeOldStore()
        let old = try #require(try store.record(of: "optimised-reads"))
        #expect(old.draw == FlagDraw(salt: "optimised-reads") && old.share.rawValue == 500)
        #expect(try version() == 1, "reading must not write")
        try set(2500, expecting: 1)
        #expect(try version() == 3)
        #expect(try store.history(of: "optimised-reads").map(\.share.rawValue) == [500, 2500])
        #expect(try store.history(of: "optimised-reads").first == old)
    }

    @Test func leavesAnOldStoreAsItWasWhenTheChangeIsRefused() throws {
        try makeOldStore()
        #expect(code { try set(2500, expecting: 7) } == .conflict)
        #expect(try version() == 1)
        #expect(try store.record(of: "optimised-reads")?.share.rawValue == 500)
    }

    @Test(arguments: ["algorithm = 'flagd-v9'", "ranked = '{}'", "deny = '[1]'", "allow = 'null'"])
    func refusesADamagedDraw(damage: String) throws {
        try set(500, expecting: nil)
        let other = try DatabaseQueue(path: store.path)
        try other.write { db in try db.execute(sql: "UPDATE flags SET \(damage)") }
        #expect(code { _ = try store.record(of: "optimised-reads") } == .unreadable)
    }
}

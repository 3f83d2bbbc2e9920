import Testing

@testable import PhasegatePostgreSQL

/// Where in the log exactly that is committed what a snapshot sees.
@Suite("exact position")
struct ExactPositionTests {
    private func line(_ transaction: Int, at position: String, _ what: String = "COMMIT 2026-11-21 23:18:25 UTC")
        -> String
    {
        "rmgr: Transaction len (rec/tot):     34/    34, tx:    \(transaction), lsn: \(position), prev 0/01000000, desc: \(what)"
    }

    private func position(_ snapshot: String, _ lines: [String]) throws -> String? {
        let commits = lines.compactMap { LoggedCommit(Substring($0)) }
        let seen = try #require(SeenTransactions(snapshot))
        return exactPosition(of: seen, in: commits, before: try #require(LogPosition("0/9000")))?.description
    }

    @Test func isTheEndOfTheLogWhenAllThatCommittedIsSeen() throws {
        #expect(try position("726:726:", []) == "0/9000")
        #expect(try position("726:728:726", [line(727, at: "0/1000")]) == "0/9000")
        // After the position nothing matters.
        #expect(try position("726:726:", [line(726, at: "0/9000")]) == "0/9000")
    }

    @Test func liesBeforeACommitThatIsInTheLogAndNotSeenYet() throws {
        #expect(try position("726:728:726", [line(727, at: "0/1000"), line(726, at: "0/2000")]) == "0/2000")
        #expect(try position("726:726:", [line(726, at: "0/3000"), line(727, at: "0/4000")]) == "0/3000")
    }

    @Test func isNowhereWhenALaterCommitIsSeenAndAnEarlierIsNot() throws {
        #expect(try position("726:728:726", [line(726, at: "0/1000"), line(727, at: "0/2000")]) == nil)
    }

    @Test func abortsDoNotCountAndPreparedOnesCountByTheirOwnNumber() throws {
        #expect(try position("726:726:", [line(726, at: "0/1000", "ABORT 2026-11-21")]) == "0/9000")
        #expect(try position("726:728:726", [line(0, at: "0/1000", "COMMIT_PREPARED 726: 2026-11-21")]) == "0/1000")
    }

    @Test func numbersThatHaveGoneRoundAreTold() throws {
        // 2^32 + 5 in the snapshot; the log has the last 32 bits.
        #expect(try position("4294967301:4294967301:", [line(4, at: "0/1000")]) == "0/9000")
        #expect(try position("4294967301:4294967301:", [line(4_294_967_290, at: "0/1000")]) == "0/9000")
        #expect(try position("4294967301:4294967301:", [line(5, at: "0/1000")]) == "0/1000")
        #expect(try position("4294967290:4294967301:4294967290", [line(4_294_967_290, at: "0/1000")]) == "0/1000")
    }

    @Test(arguments: ["", "1:2", "a:b:c", "1:x:"])
    func whatIsNoSnapshotIsNone(text: String) { #expect(SeenTransactions(text) == nil) }

    @Test(arguments: ["", "0", "0/G", "1/2/3"])
    func whatIsNoPositionIsNone(text: String) { #expect(LogPosition(text) == nil) }
}

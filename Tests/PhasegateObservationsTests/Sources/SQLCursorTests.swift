import Testing

@testable import PhasegateObservations

@Suite("A log is read once, also where rows come to be seen out of order")
struct SQLCursorTests {
    /// Reads keys as a source does, and says which of them were new.
    private func read(_ keys: [Int64], _ cursor: inout SQLCursor, at seconds: Double) -> [Int64] {
        let low = cursor.low(at: .seconds(seconds))
        var new: [Int64] = []
        for key in keys where key > low {
            if cursor.take(key) { new.append(key) }
        }
        cursor.endReading(at: .seconds(seconds))
        return new
    }

    @Test func withoutSettlingARowThatIsLateIsLost() {
        var cursor = SQLCursor(behind: 10, settle: .zero, at: .zero)
        #expect(read([9, 10, 11, 13], &cursor, at: 1) == [11, 13])
        #expect(read([11, 12, 13, 14], &cursor, at: 2) == [14])
    }

    @Test func withinTheSettlingTimeItIsReadAndNothingTwice() {
        var cursor = SQLCursor(behind: 10, settle: .seconds(3), at: .zero)
        #expect(read([11, 13], &cursor, at: 1) == [11, 13])
        #expect(read([11, 12, 13, 14], &cursor, at: 2) == [12, 14])
        #expect(read([11, 12, 13, 14, 16], &cursor, at: 3) == [16])
        // 15 was not there one second ago; 11 to 14 are behind by now and are not asked for.
        #expect(cursor.low(at: .seconds(5)) == 14)
        #expect(read([11, 12, 13, 14, 15, 16], &cursor, at: 5) == [15])
        #expect(cursor.low(at: .seconds(100)) == 16)
    }

    @Test func anEmptyLogIsReadFromItsBeginning() {
        var cursor = SQLCursor(behind: .min, settle: .seconds(1), at: .zero)
        #expect(read([-5, 0, 7], &cursor, at: 1) == [-5, 0, 7])
        #expect(cursor.newest == 7)
    }
}

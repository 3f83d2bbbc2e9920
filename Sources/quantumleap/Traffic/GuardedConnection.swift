import GRDB
import Glibc
import PhasegateCore

/// A connection whose calls are retried while others hold the database, and refused while the breaker is open.
struct GuardedConnection {
    let connection: DatabaseQueue
    let pool: Pool
    /// The breaker's clock; a drill moves it by hand.
    var now: @Sendable () -> ContinuousClock.Instant = { .now }
    var nap: @Sendable (Duration) -> Void = { usleep(UInt32($0.microseconds)) }

    /// Waits between the three attempts of a call, a hundredth of the design's because a user is waiting.
    private static let waits: [Duration] = [.milliseconds(40), .milliseconds(80)]

    /// Calls the database, three times if others hold it; an error that would come again is not retried.
    ///
    /// - Returns: what went wrong, if anything.
    func call(_ body: (Database) throws -> Void) -> Sample.Failure? {
        guard pool.withBreaker({ [now = now()] in $0.admits(at: now) }) else {
            return Sample.Failure(category: .connection, message: "the circuit breaker is open")
        }
        var attempt = 0
        while true {
            do {
                try connection.writeWithoutTransaction(body)
                pool.withBreaker { $0.callSucceeded() }
                return nil
            } catch {
                let code = (error as? DatabaseError)?.resultCode
                guard code == .SQLITE_BUSY || code == .SQLITE_LOCKED, attempt < Self.waits.count, !pool.isStopped else {
                    pool.withBreaker { [now = now()] in $0.callFailed(at: now) }
                    return Sample.Failure(error)
                }
                nap(Self.waits[attempt])
                attempt += 1
            }
        }
    }
}

/// Runs operations as one transaction: all of them are there afterwards, or none.
///
/// `lockWait` grows by the time spent waiting for other writers.
func atomically(_ db: Database, lockWait: inout Duration, _ operations: () throws -> Void) throws {
    let began = ContinuousClock.now
    do {
        try db.beginTransaction(.immediate)
        lockWait += ContinuousClock.now - began
    } catch {
        lockWait += ContinuousClock.now - began
        throw error
    }
    do {
        try operations()
        try db.commit()
    } catch {
        if db.isInsideTransaction { try? db.rollback() }
        throw error
    }
}

extension Duration {
    /// Whole microseconds.
    var microseconds: Int64 { components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000 }
}

import FoundationEssentials
import GRDB
import Glibc
import PhasegateCore
import PhasegateFlags
import PhasegateStatistics

/// One connection of the application, serving invented users at a steady rate.
struct Worker {
    let connection: DatabaseQueue
    let pool: Pool
    let flags: FlagView
    let users: [String]
    /// Mean time from one request to the next.
    let interval: Duration
    /// Percent of the requests that also trade.
    let writes: Int
    var generator: SeededGenerator

    /// Waits between the three attempts of a call, a hundredth of the design's because a user is waiting.
    private static let waits: [Duration] = [.milliseconds(40), .milliseconds(80)]

    /// Serves until the pool is stopped.
    mutating func run() {
        var next = ContinuousClock.now + interval * generator.unit()
        while !pool.isStopped {
            let now = ContinuousClock.now
            if now < next {
                // Short naps, so that stopping does not wait for the next request.
                usleep(UInt32(min((next - now).inSeconds, 0.1) * 1_000_000) + 1)
                continue
            }
            serve()
            next += interval * (0.5 + generator.unit())
            // A worker that fell behind does not make up for it: users who gave up do not come back at once.
            if ContinuousClock.now - next > .seconds(1) { next = ContinuousClock.now }
        }
    }

    private mutating func serve() {
        let user = users[generator.below(users.count)]
        let symbol = TradingDatabase.symbols[generator.below(TradingDatabase.symbols.count)]
        let buys = generator.below(100) < writes
        let quantity = 1 + generator.below(100)
        let cents = 1000 + generator.below(60_000)
        let rule = flags.rule(at: .now)
        let isNew = rule.isExposed(user)

        func serve(_ kind: Sample.Kind, _ body: (Database, inout Duration) throws -> Void) {
            let began = ContinuousClock.now
            var lockWait = Duration.zero
            let error = pool.serving { call { db in try body(db, &lockWait) } }
            pool.add(
                Sample(
                    at: Int64(Date().timeIntervalSince1970 * 1000),
                    user: user,
                    variant: isNew ? .new : .old,
                    share: rule.share.rawValue,
                    latency: (ContinuousClock.now - began).microseconds,
                    error: error,
                    kind: kind,
                    lockWait: lockWait.microseconds
                )
            )
        }

        serve(.read) { db, _ in try TradingQueries.read(db, user: user, symbol: symbol, isNew: isNew) }
        guard buys else { return }
        serve(.write) { db, lockWait in
            let began = ContinuousClock.now
            do {
                try db.beginTransaction(.immediate)
                lockWait += ContinuousClock.now - began
            } catch {
                lockWait += ContinuousClock.now - began
                throw error
            }
            do {
                try TradingQueries.buy(db, user: user, symbol: symbol, quantity: quantity, cents: cents)
                try db.commit()
            } catch {
                if db.isInsideTransaction { try? db.rollback() }
                throw error
            }
        }
    }

    /// Calls the database, three times if others hold it; an error that would come again is not retried.
    ///
    /// - Returns: what went wrong, if anything.
    private func call(_ body: (Database) throws -> Void) -> String? {
        guard pool.withBreaker({ $0.admits(at: .now) }) else { return "the circuit breaker is open" }
        var attempt = 0
        while true {
            do {
                try connection.writeWithoutTransaction(body)
                pool.withBreaker { $0.callSucceeded() }
                return nil
            } catch {
                let code = (error as? DatabaseError)?.resultCode
                guard code == .SQLITE_BUSY || code == .SQLITE_LOCKED, attempt < Self.waits.count, !pool.isStopped else {
                    pool.withBreaker { $0.callFailed(at: .now) }
                    return (error as? DatabaseError).map { $0.message ?? "\($0.resultCode)" } ?? "\(error)"
                }
                usleep(UInt32(Self.waits[attempt].microseconds))
                attempt += 1
            }
        }
    }
}

extension Duration {
    /// Whole microseconds.
    var microseconds: Int64 { components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000 }
}

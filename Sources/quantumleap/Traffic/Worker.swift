import FoundationEssentials
import GRDB
import Glibc
import PhasegateCore
import PhasegateFlags
import PhasegateStatistics

/// One connection of the application, serving invented users at a steady rate.
struct Worker {
    let guarded: GuardedConnection
    let pool: Pool
    let flags: FlagView
    let users: [String]
    /// Mean time from one request to the next.
    let interval: Duration
    /// Percent of the requests that also trade.
    let writes: Int
    /// What is wrong with the new read path on purpose.
    let faults: PlantedFaults
    var generator: SeededGenerator

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
        let isNew = rule.isExposed(user) || (rule.share > .none && faults.leaks(to: user))

        func serve(_ kind: Sample.Kind, _ body: (Database, inout Duration) throws -> Void) {
            let began = ContinuousClock.now
            var lockWait = Duration.zero
            let failure = pool.serving { guarded.call { db in try body(db, &lockWait) } }
            if isNew, kind == .read { faults.dawdle(since: began) }
            pool.add(
                Sample(
                    at: Int64(Date().timeIntervalSince1970 * 1000),
                    user: user,
                    variant: isNew ? .new : .old,
                    share: rule.share.rawValue,
                    latency: (ContinuousClock.now - began).microseconds,
                    failure: failure,
                    kind: kind,
                    lockWait: lockWait.microseconds
                )
            )
        }

        serve(.read) { db, _ in try TradingQueries.read(db, user: user, symbol: symbol, isNew: isNew && !faults.isSlow)
        }
        guard buys else { return }
        serve(.write) { db, lockWait in
            try atomically(db, lockWait: &lockWait) {
                try TradingQueries.buy(db, user: user, symbol: symbol, quantity: quantity, cents: cents)
            }
        }
    }
}

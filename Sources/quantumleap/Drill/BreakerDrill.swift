import ArgumentParser
import GRDB
import PhasegateCore
import Synchronization

/// Finds out by experiment when the application's breaker opens, half-opens and closes.
///
/// The calls go the way every request goes; only the clock and the failures are
/// made up. No number of the report is read from the breaker's settings.
struct BreakerDrill: Drill {
    static let configuration = CommandConfiguration(
        commandName: "breaker",
        abstract: "Find out when the circuit breaker opens, half-opens and closes."
    )

    @Option(help: ArgumentHelp("Try a breaker that opens after so many failures.", visibility: .hidden))
    var failuresToOpen: Int?

    @Option(help: ArgumentHelp("Try a breaker that waits so many seconds.", visibility: .hidden))
    var cooldown: Int?

    @Option(help: ArgumentHelp("Try a breaker that closes after so many successes.", visibility: .hidden))
    var successesToClose: Int?

    /// More than any breaker of use would take.
    private static let most = 100
    private static let step = Duration.milliseconds(100)
    private static let patience = 6000

    func observe() throws -> Observation {
        let patient = try subject()
        guard let opensAfter = patient.failuresUntilRefused(atMost: Self.most) else {
            return Observation(status: .critical, sentence: "it still calls after \(Self.most) failures in a row")
        }
        guard let waited = patient.stepsUntilReached(Self.step, atMost: Self.patience) else {
            return Observation(
                status: .critical,
                sentence: "it still refuses after \(Self.step * Self.patience)",
                figures: [("opens_after", "\(opensAfter)")]
            )
        }
        let figures = [
            ("opens_after", "\(opensAfter)"), ("half_open_after", "\(shortDecimal((Self.step * waited).seconds))s"),
        ]
        guard opensAfter > 1 else {
            // A failure opens it whether it was closed or not.
            return Observation(status: .unknown, sentence: "it opens at one failure and hides when it had closed")
        }
        guard try isForgivenBySuccess(opensAfter) else {
            return Observation(
                status: .critical,
                sentence: "it opens although the failures were not in a row",
                figures: figures
            )
        }
        guard let closesAfter = try successesUntilClosed(opensAfter, waited) else {
            return Observation(
                status: .critical,
                sentence: "it does not close after \(Self.most) successes",
                figures: figures
            )
        }
        return Observation(
            status: .ok,
            sentence: "it opened, let calls through again and closed",
            figures: figures + [("closes_after", "\(closesAfter)")]
        )
    }

    /// Failures with a success among them must not add up.
    private func isForgivenBySuccess(_ opensAfter: Int) throws -> Bool {
        let patient = try subject()
        for _ in 1..<opensAfter { _ = patient.call(failing: true) }
        _ = patient.call(failing: false)
        for _ in 1..<opensAfter { _ = patient.call(failing: true) }
        return patient.call(failing: false)
    }

    /// The fewest successes after which one failure does not make it refuse again.
    private func successesUntilClosed(_ opensAfter: Int, _ steps: Int) throws -> Int? {
        for successes in 0...Self.most {
            let patient = try subject()
            for _ in 0..<opensAfter { _ = patient.call(failing: true) }
            patient.clock.advance(by: Self.step * steps)
            for _ in 0..<successes { _ = patient.call(failing: false) }
            _ = patient.call(failing: true)
            if patient.call(failing: false) { return successes }
        }
        return nil
    }

    /// The application's own breaker, unless another one was asked for.
    private func subject() throws -> Subject {
        guard failuresToOpen != nil || cooldown != nil || successesToClose != nil else {
            return try Subject(Pool(size: 1))
        }
        let breaker = CircuitBreaker(
            failuresToOpen: failuresToOpen ?? 5,
            cooldown: .seconds(cooldown ?? 30),
            successesToClose: successesToClose ?? 3
        )
        return try Subject(Pool(size: 1, breaker: breaker))
    }

    /// A connection whose clock only the drill moves.
    private struct Subject {
        let clock = HandClock()
        private let guarded: GuardedConnection

        init(_ pool: Pool) throws {
            let clock = clock
            guarded = GuardedConnection(connection: try DatabaseQueue(), pool: pool, now: { clock.now }, nap: { _ in })
        }

        /// Whether the call came as far as the database.
        func call(failing: Bool) -> Bool {
            var isReached = false
            _ = guarded.call { _ in
                isReached = true
                if failing { throw DatabaseError(resultCode: .SQLITE_IOERR, message: "injected") }
            }
            return isReached
        }

        func failuresUntilRefused(atMost most: Int) -> Int? {
            (0...most).first { _ in !call(failing: true) }
        }

        func stepsUntilReached(_ step: Duration, atMost most: Int) -> Int? {
            (1...most).first { _ in
                clock.advance(by: step)
                return call(failing: false)
            }
        }
    }
}

/// A clock that stands still until it is moved.
private final class HandClock: Sendable {
    private let instant = Mutex(ContinuousClock.now)

    var now: ContinuousClock.Instant { instant.withLock { $0 } }
    func advance(by duration: Duration) { instant.withLock { $0 += duration } }
}

extension Duration {
    fileprivate var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}

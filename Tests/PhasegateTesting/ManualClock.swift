public import PhasegateCore
import Synchronization

/// A clock that stands still until it is told otherwise; safe to share between tasks.
public final class ManualClock: Sendable {
    /// A day in the middle of a year, so that no test passes only because of a boundary.
    public static let start = Moment(milliseconds: 1_781_000_000_000)

    private let moment: Mutex<Moment>

    /// Starts at a moment.
    public init(_ start: Moment = ManualClock.start) { moment = Mutex(start) }

    /// What the clock shows.
    public var now: Moment { moment.withLock(\.self) }

    /// Sets the clock, backwards too.
    public func set(_ moment: Moment) { self.moment.withLock { $0 = moment } }

    /// Moves the clock by a duration, which may be negative.
    public func advance(by duration: Duration) { moment.withLock { $0 = $0 + duration } }
}

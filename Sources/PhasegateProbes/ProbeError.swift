public import PhasegateCore

/// A probe could not measure; becomes a reading without a value, never a pass.
public struct ProbeError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Why.
    public let why: Reading.Unavailability
    /// In words.
    public let message: String

    /// Puts an error together.
    public init(_ why: Reading.Unavailability, _ message: String) {
        self.why = why
        self.message = message
    }

    /// Sorts a session's error.
    public init(_ error: SessionError) {
        let why: Reading.Unavailability =
            switch error.code {
            case .unreachable, .notADatabase, .corrupt, .locked, .notPermitted, .readOnly, .full, .outcomeUnknown,
                .closed, .exhausted:
                .unreachable
            case .timedOut: .timedOut
            case .unsupported: .unsupported
            case .constraint, .badStatement, .failed: .failed
            }
        self.init(why, error.message)
    }

    /// The message.
    public var description: String { message }
}

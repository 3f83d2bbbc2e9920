public import PhasegateStatistics

/// One request that a driver of load made.
public struct LoadResult: Hashable, Sendable {
    /// By what the flag said when it was planned.
    public let arm: Arm
    /// The synthetic user.
    public let user: String
    /// From the planned beginning to the end, so that waiting for a slow one before it counts.
    public let milliseconds: Double
    /// Whether it failed, or could not be begun because too many were waiting.
    public let isError: Bool

    /// The request as it is judged.
    public var observation: Observation {
        Observation(arm: arm, user: Observation.User(user), microseconds: milliseconds * 1000, isError: isError)
    }

    /// The request as a line of a file.
    public var line: String {
        #"{"arm":"\#(arm.rawValue)","user":"\#(user)","ms":\#(milliseconds),"error":\#(isError)}"#
    }
}

/// What a driver of load has to say.
public enum LoadEvent: Sendable {
    /// Requests that have ended.
    case results([LoadResult])
    /// The share of users with the change has changed.
    case share
    /// Why nothing can be driven for the moment, as a sentence part.
    case trouble(String)
}

/// A database could not be read or written.
public struct SessionError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What went wrong, sorted so that callers can act on it.
    public enum Code: String, Sendable {
        /// The file or server is not there.
        case unreachable
        /// It is there, but it is no database of this engine.
        case notADatabase
        /// It is damaged.
        case corrupt
        /// Somebody else holds a lock.
        case locked
        /// The user may not do this.
        case notPermitted
        /// It cannot be written to.
        case readOnly
        /// There is no room left.
        case full
        /// A constraint refused the statement.
        case constraint
        /// The statement is wrong or names something that is not there.
        case badStatement
        /// The statement did not finish in time and was stopped.
        case timedOut
        /// The engine cannot do this.
        case unsupported
        /// The connection was lost before the answer came: it may have been done or not.
        case outcomeUnknown
        /// All connections are in use.
        case exhausted
        /// The session is closed.
        case closed
        /// Anything else.
        case failed
    }

    /// What went wrong.
    public let code: Code
    /// The engine's words with what was tried.
    public let message: String

    /// Puts an error together.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}

extension SessionError {
    /// What an error tells of; what can be done about it follows from that.
    public enum Category: String, Sendable {
        /// The connection: trying again may help.
        case connection
        /// The statement, or a constraint it ran into: trying again gives the same.
        case query
        /// Time and locks: trying again may help, and makes it worse for others.
        case performance
        /// What holds the data: a person has to look.
        case integrity
        /// Rights, room, and what the engine cannot do: somebody has to change that first.
        case environment
    }

    /// The category; errors of migrations have their own words in `StepError`.
    public var category: Category {
        switch code {
        case .unreachable, .closed, .exhausted, .outcomeUnknown: .connection
        case .constraint, .badStatement, .failed: .query
        case .timedOut, .locked: .performance
        case .corrupt, .notADatabase: .integrity
        case .notPermitted, .readOnly, .full, .unsupported: .environment
        }
    }
}

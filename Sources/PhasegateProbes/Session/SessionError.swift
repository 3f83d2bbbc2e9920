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

/// A notice could not be delivered; sending it again is safe.
public struct NoticeError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was tried and why it failed.
    public let message: String

    /// Puts an error together.
    public init(message: String) { self.message = message }

    /// The message.
    public var description: String { message }
}

/// Why a flag could not be read or set.
public struct FlagError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What callers sort by.
    public enum Code: String, Sendable, CaseIterable {
        /// The key, the salt, the actor or the reason cannot be stored.
        case invalid
        /// Nobody said where the flag is kept.
        case unknownFlag
        /// The flag decides by another salt, algorithm, key or list.
        case drawDiffers
        /// Somebody else changed the flag; read it again.
        case conflict
        /// Somebody killed the flag; only a person lifts that.
        case killed
        /// The store is there and cannot be read.
        case unreadable
        /// The file is a database of something else, or a newer one.
        case foreignFile
        /// The store refused the change; it is as it was.
        case notWritten
        /// The change was committed, yet the store does not show it.
        case notReadBack
    }

    /// What callers sort by.
    public let code: Code
    /// What was tried and why it failed.
    public let message: String

    /// Puts an error together.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}

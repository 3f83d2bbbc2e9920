public import PhasegateCore

/// Writes notices to the terminal or wherever its closure leads.
public struct ConsoleChannel: NoticeChannel {
    /// Its name in the rollout and in the ledger.
    public let name = "console"
    private let write: @Sendable (String) -> Void

    /// Makes the channel.
    ///
    /// - Parameter write: takes a text that ends in a line feed, as a function that prints without one.
    public init(write: @escaping @Sendable (String) -> Void) { self.write = write }

    /// Writes the body, control characters left out.
    public func send(_ notice: Notice) async throws {
        write(NoticeText.lines(notice.body))
    }
}

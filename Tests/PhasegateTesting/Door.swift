/// Holds back whoever comes to it until it is opened.
public final class Door: Sendable {
    private let arrival = AsyncStream<Void>.makeStream()
    private let opening = AsyncStream<Void>.makeStream()

    /// Closed.
    public init() {}

    /// Returns once somebody has come to it.
    public func reached() async { for await _ in arrival.stream {} }

    /// Lets through who waits, and everybody after.
    public func open() { opening.continuation.finish() }

    /// Returns once it is open.
    public func pass() async {
        arrival.continuation.finish()
        for await _ in opening.stream {}
    }
}

public import Hummingbird
import Logging
import NIOCore

/// A server over HTTP from its start to its end.
public struct HTTPService: Sendable {
    private let application: Application<RouterResponder<BasicRequestContext>>
    private let endsOnSignals: Bool

    /// Opens nothing yet.
    ///
    /// - Parameters:
    ///   - router: what is answered.
    ///   - address: where.
    ///   - endsOnSignals: whether an interruption of the process ends it; otherwise that is the caller's affair.
    ///   - onReady: gets the port once it is open.
    public init(
        _ router: Router<BasicRequestContext>,
        at address: ListeningAddress,
        endsOnSignals: Bool,
        onReady: @escaping @Sendable (Int) async -> Void
    ) {
        // What it has to say is thrown; beyond that it complains of connections that are closed when it is stopped.
        var logger = Logger(label: "phasegate.http")
        logger.logLevel = .critical
        application = Application(
            router: router,
            configuration: .init(address: .hostname(address.host, port: address.port), serverName: nil),
            onServerRunning: { channel in await onReady(channel.localAddress?.port ?? 0) },
            logger: logger
        )
        self.endsOnSignals = endsOnSignals
    }

    /// Serves until the task is cancelled.
    ///
    /// - Throws: what kept the port from being opened.
    public func run() async throws {
        if endsOnSignals {
            try await application.runService()
        } else {
            try await application.runService(gracefulShutdownSignals: [])
        }
    }
}

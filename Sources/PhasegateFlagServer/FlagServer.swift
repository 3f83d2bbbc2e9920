import Hummingbird
public import PhasegateFlags
import PhasegateHTTPServer

/// Answers OFREP questions about the flags of a store over HTTP.
///
/// OFREP is OpenFeature's protocol for remote evaluation
/// (https://github.com/open-feature/protocol, OpenAPI 0.3.0). A store that
/// cannot be read keeps the server from starting.
public struct FlagServer: Sendable {
    /// How it is reached, and by whom.
    public struct Settings: Sendable {
        /// Name or address to listen on.
        public var host = "127.0.0.1"
        /// Port; 0 for any that is free.
        public var port = 8016
        /// Words that clients have to show as bearer token or API key; empty lets everybody in.
        public var tokens: [String] = []
        /// Origins whose browser pages may ask, as `https://shop.example`; `*` for all.
        public var origins: [String] = []
        /// Questions answered in a second, all clients together; nothing for no limit.
        public var questionsPerSecond: Int?
        /// How often the store is looked at for clients that wait for changes.
        public var lookInterval = Duration.milliseconds(25)

        /// The usual settings.
        public init() {}
    }

    /// Largest body that is read, in bytes.
    static let longestBody = 64 * 1024

    private let settings: Settings
    private let watch: FlagWatch

    /// Reads the store; opens no port yet.
    ///
    /// - Throws: `FlagError` when the store cannot be read.
    public init(store: FlagStore, settings: Settings) throws(FlagError) {
        self.settings = settings
        watch = try FlagWatch(store)
    }

    /// Serves until the task is cancelled or the process is told to stop.
    ///
    /// - Parameter onReady: gets the port once it is open.
    /// - Throws: what kept the port from being opened.
    public func run(onReady: @escaping @Sendable (Int) async -> Void) async throws {
        let service = HTTPService(
            router(),
            at: ListeningAddress(host: settings.host, port: settings.port),
            endsOnSignals: true,
            onReady: onReady
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await watch.run(every: settings.lookInterval) }
            group.addTask { try await service.run() }
            try await group.next()
            group.cancelAll()
        }
    }

    private func router() -> Router<BasicRequestContext> {
        let router = Router()
        if !settings.origins.isEmpty { router.add(middleware: CrossOrigin(settings.origins)) }
        if let limit = settings.questionsPerSecond { router.add(middleware: QuestionLimit(perSecond: limit)) }
        if !settings.tokens.isEmpty { router.add(middleware: TokenCheck(settings.tokens)) }
        OFREPRoutes(watch: watch, streamToken: settings.tokens.first).add(to: router)
        FlagdRoutes(watch: watch).add(to: router)
        return router
    }
}

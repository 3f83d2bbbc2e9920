import HTTPTypes
import Hummingbird
import Synchronization

/// Tells clients to wait when more is asked in a second than is answered.
final class QuestionLimit: RouterMiddleware, Sendable {
    typealias Context = BasicRequestContext

    private struct Window {
        var begin: ContinuousClock.Instant
        var count = 0
    }

    private let most: Int
    private let window: Mutex<Window>
    private let now: @Sendable () -> ContinuousClock.Instant

    init(perSecond most: Int, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.most = most
        self.now = now
        window = Mutex(Window(begin: now()))
    }

    @concurrent func handle(
        _ request: Request,
        context: BasicRequestContext,
        next: @concurrent (Request, BasicRequestContext) async throws -> Response
    ) async throws -> Response {
        guard takesOne() else {
            // In whole seconds: the Python provider does not understand the date that the protocol's example shows.
            return Response(status: .tooManyRequests, headers: [.retryAfter: "1"])
        }
        return try await next(request, context)
    }

    private func takesOne() -> Bool {
        let moment = now()
        return window.withLock { window in
            if moment - window.begin >= .seconds(1) { window = Window(begin: moment) }
            window.count += 1
            return window.count <= most
        }
    }
}

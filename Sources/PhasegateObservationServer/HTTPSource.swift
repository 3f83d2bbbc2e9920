import Hummingbird
public import PhasegateCore
import PhasegateHTTPServer
public import PhasegateObservations
import PhasegateSecrets

/// Requests that applications send, as lines in the body of a POST; the port is open while the ramp is observed.
public struct HTTPSource: ObservationSourceKind {
    /// `http`, and what it is told.
    public static let declaration = ObservationSourceDeclaration(
        kind: "http",
        summary: "A port of the controller that applications send a JSON object to for each request they have served.",
        settings: [
            Shape.Key("listen", .text, "Where to listen; 127.0.0.1:8017 unless said otherwise."),
            Shape.Key("token", .text, "What senders have to show as bearer token, as env:NAME or file:PATH."),
            Shape.Key("insecure", .truth, "Whether anybody on this machine may send, without a token."),
        ],
        namesUsers: true
    ) { settings throws(Diagnostic) in _ = try Settings(settings) }

    /// What the rollout file says.
    private struct Settings: Sendable {
        let address: ListeningAddress
        let token: SecretReference?

        init(_ settings: Setting) throws(Diagnostic) {
            let text = settings["listen"]?.text ?? "127.0.0.1:8017"
            guard let address = ListeningAddress(text) else {
                throw Diagnostic(
                    rule: "bad-source",
                    "'listen' is not an address and a port",
                    hint: "write 'listen: \"127.0.0.1:8017\"'"
                )
            }
            self.address = address
            guard let token = settings["token"]?.text else {
                // Whoever can send can take a ramp back, or carry it on.
                guard settings["insecure"]?.truth == true, address.isLoopback else {
                    throw Diagnostic(
                        rule: "bad-source",
                        "anybody could send observations to \(address)",
                        hint: "add 'token: env:NAME', or on a loopback address 'insecure: true'"
                    )
                }
                self.token = nil
                return
            }
            self.token = try SecretReference(token, key: "token")
        }
    }

    private let address: ListeningAddress
    private let token: SecretReference?
    private let capacity: Int
    private let onReady: @Sendable (Int) async -> Void

    /// Where it listens.
    public var sentence: String { "observations sent to \(address)" }

    /// Reads the settings; opens no port.
    public init(_ settings: Setting, in context: ObservationContext) throws(Diagnostic) {
        try self.init(settings, in: context, capacity: 200_000) { _ in }
    }

    /// The same for tests.
    ///
    /// - Parameters:
    ///   - settings: of the rollout file.
    ///   - context: where relative paths begin.
    ///   - capacity: most requests that wait.
    ///   - onReady: gets the port once it is open.
    /// - Throws: `Diagnostic` for settings that cannot be.
    init(
        _ settings: Setting,
        in context: ObservationContext,
        capacity: Int,
        onReady: @escaping @Sendable (Int) async -> Void
    ) throws(Diagnostic) {
        let read = try Settings(settings)
        address = read.address
        if case .file(let path) = read.token {
            token = .file(context.absolute(path))
        } else {
            token = read.token
        }
        self.capacity = capacity
        self.onReady = onReady
    }

    /// Opens the port, hands over what is sent, and closes it.
    public func observe(_ deliver: @Sendable (ObservationBatch) async -> Void) async throws(ObservationError) {
        // A new one each time: what was sent to a port that was closed since is no continuation.
        let queue = ObservationQueue(capacity: capacity)
        let service = HTTPService(try router(queue), at: address, endsOnSignals: false, onReady: onReady)
        async let failure: (any Error)? = {
            defer { queue.end() }
            do {
                try await service.run()
                return nil
            } catch {
                return error
            }
        }()
        await queue.drain { parcel in
            for begin in stride(from: 0, to: max(1, parcel.observations.count), by: Self.longestBatch) {
                await deliver(.requests(Array(parcel.observations.dropFirst(begin).prefix(Self.longestBatch))))
            }
            if let rejected = parcel.rejected { await deliver(.rejected(rejected)) }
        }
        if let error = await failure, !Task.isCancelled {
            throw ObservationError("cannot listen at \(address): \(error)")
        }
    }

    /// Most requests that are handed over at once.
    private static let longestBatch = 10_000

    private func router(_ queue: ObservationQueue) throws(ObservationError) -> Router<BasicRequestContext> {
        let router = Router()
        if let token {
            do throws(SecretError) {
                let text = try secretText(token)
                try checkSecret(text, of: token)
                router.add(middleware: TokenCheck([text]))
            } catch {
                throw ObservationError(error.message)
            }
        }
        ObservationRoutes(queue: queue).add(to: router)
        return router
    }
}

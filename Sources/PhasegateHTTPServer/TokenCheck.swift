import HTTPTypes
public import Hummingbird

/// Lets in who shows one of the tokens: as bearer token, as API key, or, for a stream of events, in the address.
public struct TokenCheck: RouterMiddleware {
    /// The plain context.
    public typealias Context = BasicRequestContext

    private let tokens: [[UInt8]]
    /// Looked up once: making a name reads every letter of it.
    private static let keyHeader = HTTPField.Name("X-API-Key")

    /// Takes the tokens, each of which lets in.
    public init(_ tokens: [String]) { self.tokens = tokens.map { Array($0.utf8) } }

    /// Answers 401 where no token is shown, 403 where another one is.
    @concurrent public func handle(
        _ request: Request,
        context: BasicRequestContext,
        next: @concurrent (Request, BasicRequestContext) async throws -> Response
    ) async throws -> Response {
        guard let shown = shown(request) else { return Response(status: .unauthorized) }
        guard isKnown(Array(shown.utf8)) else { return Response(status: .forbidden) }
        return try await next(request, context)
    }

    private func shown(_ request: Request) -> String? {
        if let name = Self.keyHeader, let key = request.headers[name] { return key }
        if let header = request.headers[.authorization] {
            let words = header.split(separator: " ", maxSplits: 1)
            guard words.count == 2, words[0].lowercased() == "bearer" else { return nil }
            return String(words[1])
        }
        // EventSource cannot send headers.
        guard request.method == .get else { return nil }
        return request.uri.queryParameters["token"].map(String.init)
    }

    /// In a time that does not tell how much of a token was right.
    private func isKnown(_ shown: [UInt8]) -> Bool {
        var isKnown = false
        for token in tokens {
            var difference = UInt8(token.count == shown.count ? 0 : 1)
            for (index, byte) in shown.enumerated() { difference |= byte ^ token[index % token.count] }
            if difference == 0 { isKnown = true }
        }
        return isKnown
    }
}

import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore
import PhasegateCore
import PhasegateHashing

/// The protocol's paths: one flag, all flags, and the stream of changes.
struct OFREPRoutes: Sendable {
    private let watch: FlagWatch
    /// Where changes are heard of, as every answer for all flags says.
    private let eventStream: String

    /// Makes the routes.
    ///
    /// - Parameters:
    ///   - watch: the flags.
    ///   - streamToken: what a browser shows for the stream, where it cannot send headers; nothing where nobody has to.
    init(watch: FlagWatch, streamToken: String?) {
        self.watch = watch
        let token = streamToken.map { "?token=\(Self.escaped($0))" } ?? ""
        eventStream =
            #"{"type":"sse","endpoint":{"requestUri":"/ofrep/v1/stream\#(token)"},"#
            + #""inactivityDelaySec":\#(Self.inactivitySeconds)}"#
    }

    /// After how many seconds in the background a client may hang up, which is the protocol's own default.
    private static let inactivitySeconds = 120

    func add(to router: Router<BasicRequestContext>) {
        let group = router.group("ofrep/v1")
        group.post("evaluate/flags/{key}") { request, context in try await one(request, context) }
        group.post("evaluate/flags") { request, context in try await all(request, context) }
        group.get("stream") { _, _ in stream() }
    }

    // MARK: Answers

    private func one(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
        // Keys of flags hold nothing that an address would have to escape.
        let key = context.parameters.get("key") ?? ""
        guard let question = try await Question(request) else {
            return failure(.badRequest, key: key, "PARSE_ERROR", "the body is not JSON with an object 'context'")
        }
        guard let entry = watch.current()[key] else {
            return failure(.notFound, key: key, "FLAG_NOT_FOUND", "there is no flag of this key")
        }
        return Self.json(.ok, entry.answer(in: question.context))
    }

    private func all(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
        guard let question = try await Question(request) else {
            return failure(.badRequest, key: nil, "PARSE_ERROR", "the body is not JSON with an object 'context'")
        }
        var body = ByteBuffer(string: #"{"flags":["#)
        for (number, entry) in watch.current().ordered.enumerated() {
            if number > 0 { body.writeString(",") }
            body.writeImmutableBuffer(entry.answer(in: question.context))
        }
        body.writeString(#"],"metadata":{},"eventStreams":[\#(eventStream)]}"#)
        // Over the answers and not over the flags: another user with the same flags may have other answers.
        let tag = #""\#(sha256(of: String(buffer: body)).prefix(32))""#
        if request.headers[.ifNoneMatch] == tag { return Response(status: .notModified, headers: [.eTag: tag]) }
        var response = Self.json(.ok, body)
        response.headers[.eTag] = tag
        return response
    }

    /// A text as part of an address (RFC 3986, section 2).
    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            let character = Character(UnicodeScalar(byte))
            guard character.isASCII, character.isLetter || character.isNumber || "-._~".contains(character) else {
                let digits = String(byte, radix: 16, uppercase: true)
                return "%" + (digits.count < 2 ? "0" : "") + digits
            }
            return String(character)
        }.joined()
    }

    /// Says that something has changed, never what: clients ask anew then.
    private func stream() -> Response {
        let changes = watch.changes()
        let body = ResponseBody { writer in
            // At once, so that the client knows that it is heard.
            try await writer.write(ByteBuffer(string: ": listening\n\n"))
            for await _ in changes {
                let mark = sha256(of: watch.current().mark).prefix(32)
                try await writer.write(
                    ByteBuffer(
                        string: "event: message\ndata: {\"type\":\"refetchEvaluation\",\"etag\":\"\(mark)\"}\n\n"
                    )
                )
            }
            try await writer.finish(nil)
        }
        return Response(
            status: .ok,
            headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
            body: body
        )
    }

    // MARK: Writing

    private func failure(_ status: HTTPResponse.Status, key: String?, _ code: String, _ details: String) -> Response {
        struct Failure: Encodable {
            let key: String?
            let errorCode: String
            let errorDetails: String
        }
        let body = try? JSONEncoder().encode(Failure(key: key, errorCode: code, errorDetails: details))
        return Self.json(status, ByteBuffer(bytes: body ?? Data()))
    }

    private static func json(_ status: HTTPResponse.Status, _ body: ByteBuffer) -> Response {
        Response(
            status: status,
            headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: body)
        )
    }
}

/// What is asked: for whom.
private struct Question {
    /// The attributes of the context that are texts, the targeting key among them.
    let context: [String: String]

    /// Reads a request; nothing when it is not what the protocol sends.
    ///
    /// A context without a key is one: clients send `{}` for flags that need none.
    init?(_ request: Request) async throws {
        struct Body: Decodable {
            let context: Context
        }
        let bytes = try await request.body.collect(upTo: FlagServer.longestBody)
        guard let body = try? JSONDecoder().decode(Body.self, from: Data(bytes.readableBytesView)) else { return nil }
        context = body.context.texts
    }

    private struct Context: Decodable {
        let texts: [String: String]

        private struct Name: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Name.self)
            var texts: [String: String] = [:]
            for name in container.allKeys {
                // A key that is no text is a mistake; any other attribute may be a number or a list, and buckets nobody.
                texts[name.stringValue] =
                    name.stringValue == FlagDraw.targetingKey
                    ? try container.decodeIfPresent(String.self, forKey: name)
                    : try? container.decode(String.self, forKey: name)
            }
            self.texts = texts
        }
    }
}

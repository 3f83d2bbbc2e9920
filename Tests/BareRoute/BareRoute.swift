import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// The least that Hummingbird does: one route that reads the question and answers the same bytes each time.
///
/// What the server of flags is measured against: `bare-route PORT BYTES`.
@main
struct BareRoute {
    static func main() async throws {
        let arguments = CommandLine.arguments
        let port = arguments.count > 1 ? Int(arguments[1]) ?? 0 : 0
        let body = ByteBuffer(string: arguments.count > 2 ? arguments[2] : "{}")
        let router = Router()
        router.post("ofrep/v1/evaluate/flags/{key}") { request, _ in
            _ = try await request.body.collect(upTo: 65_536)
            return Response(
                status: .ok,
                headers: [.contentType: "application/json", .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: body)
            )
        }
        var logger = Logger(label: "bare")
        logger.logLevel = .critical
        let application = Application(
            router: router,
            configuration: .init(address: .hostname("127.0.0.1", port: port), serverName: nil),
            logger: logger
        )
        try await application.runService()
    }
}

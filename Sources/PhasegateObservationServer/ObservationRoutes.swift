import HTTPTypes
import Hummingbird
import NIOCore
import PhasegateObservations

/// `POST /v1/observations`: lines of requests in, counts out.
struct ObservationRoutes: Sendable {
    /// Largest body that is read, in bytes.
    static let longestBody = 1024 * 1024

    let queue: ObservationQueue

    func add(to router: Router<BasicRequestContext>) {
        router.post("v1/observations") { request, _ in try await take(request) }
    }

    private func take(_ request: Request) async throws -> Response {
        let length = request.headers[.contentLength].flatMap { Int($0) } ?? 0
        guard length <= Self.longestBody else { return tooLarge }
        let body: ByteBuffer
        do {
            body = try await request.body.collect(upTo: Self.longestBody)
        } catch is NIOTooManyBytesError {
            return tooLarge
        }
        var lines = ObservationLines()
        lines.take(body.readableBytesView)
        lines.end()
        let (observations, rejected) = lines.fetch()
        guard queue.offer(ObservationQueue.Parcel(observations: observations, rejected: rejected)) else {
            var response = json(.tooManyRequests, #"{"error":"the judge is behind; send it again"}"#)
            response.headers[.retryAfter] = "1"
            return response
        }
        if observations.isEmpty, let rejected {
            return json(
                .badRequest,
                #"{"accepted":0,"rejected":\#(rejected.count),"line":\#(rejected.firstLine),"error":"\#(rejected.firstReason)"}"#
            )
        }
        let first = rejected.map { #","line":\#($0.firstLine),"error":"\#($0.firstReason)""# } ?? ""
        return json(
            .accepted,
            #"{"accepted":\#(observations.count),"rejected":\#(rejected?.count ?? 0)\#(first)}"#
        )
    }

    private var tooLarge: Response {
        json(.contentTooLarge, #"{"error":"a body has at most \#(Self.longestBody) bytes"}"#)
    }

    /// Texts in it are our own, and hold nothing that JSON would have to escape.
    private func json(_ status: HTTPResponse.Status, _ text: String) -> Response {
        Response(
            status: status,
            headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text + "\n"))
        )
    }
}

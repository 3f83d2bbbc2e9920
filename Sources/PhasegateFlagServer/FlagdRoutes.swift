import HTTPTypes
import Hummingbird

/// The flags as a definition that flagd's daemon polls: an HTTP source of its own, without gRPC.
struct FlagdRoutes: Sendable {
    let watch: FlagWatch

    func add(to router: Router<BasicRequestContext>) {
        router.get("flagd/definition.json") { request, _ in definition(request) }
    }

    private func definition(_ request: Request) -> Response {
        let (body, tag) = watch.current().definition
        let headers: HTTPFields = [.eTag: tag, .cacheControl: "no-store"]
        if request.headers[.ifNoneMatch] == tag { return Response(status: .notModified, headers: headers) }
        var response = Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: body))
        response.headers[.contentType] = "application/json"
        return response
    }
}

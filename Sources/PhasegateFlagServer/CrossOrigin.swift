import HTTPTypes
import Hummingbird

/// Lets browser pages of some origins ask, and read the tag that saves them asking again.
struct CrossOrigin: RouterMiddleware {
    typealias Context = BasicRequestContext

    private let origins: [String]

    init(_ origins: [String]) { self.origins = origins }

    @concurrent func handle(
        _ request: Request,
        context: BasicRequestContext,
        next: @concurrent (Request, BasicRequestContext) async throws -> Response
    ) async throws -> Response {
        guard let origin = request.headers[.origin], origins.contains(origin) || origins.contains("*") else {
            return try await next(request, context)
        }
        // A browser asks before it sends a body, and shows no token then.
        let isPreflight = request.method == .options
        var response = isPreflight ? Response(status: .noContent) : try await next(request, context)
        response.headers[.accessControlAllowOrigin] = origin
        response.headers[.vary] = "Origin"
        response.headers[.accessControlExposeHeaders] = "ETag, Retry-After"
        if isPreflight {
            response.headers[.accessControlAllowMethods] = "GET, POST, OPTIONS"
            response.headers[.accessControlAllowHeaders] = "Authorization, Content-Type, If-None-Match, X-API-Key"
            response.headers[.accessControlMaxAge] = "600"
        }
        return response
    }
}

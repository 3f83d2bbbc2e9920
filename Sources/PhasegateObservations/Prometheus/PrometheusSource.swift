import PhasegateCore
import PhasegateHTTP
import PhasegateSecrets
import PhasegateStatistics

/// A histogram of latencies by arm that Prometheus scrapes from the applications.
struct PrometheusSource: ObservationSourceKind {
    static let declaration = ObservationSourceDeclaration(
        kind: "prometheus",
        summary: "A histogram in seconds, and counters beside it, that Prometheus scrapes from the applications.",
        settings: [
            Shape.Key("url", .text, required: true, "Prometheus' address, as http://127.0.0.1:9090."),
            Shape.Key("histogram", .text, required: true, "The histogram's name, without _bucket."),
            Shape.Key(
                "arms",
                .map([
                    Shape.Key("label", .text, "The label that tells the arms apart; arm unless said otherwise."),
                    Shape.Key("candidate", .text, "Its value with the change; candidate unless said otherwise."),
                    Shape.Key("control", .text, "Its value without; control unless said otherwise."),
                ]),
                "How series tell the arm."
            ),
            Shape.Key("selector", .text, "What else the series have to match, as job=\"app\"."),
            Shape.Key("errors", .text, "A counter of requests that failed, which are in the histogram as well."),
            Shape.Key("users", .text, "A counter of users who were exposed for the first time."),
            Shape.Key("every", .duration, "How often Prometheus is asked; 5 s unless said otherwise."),
            Shape.Key("scrape", .duration, "How often Prometheus scrapes; 15 s unless said otherwise."),
            Shape.Key("token", .text, "What Prometheus wants as bearer token, as env:NAME or file:PATH."),
        ],
        namesUsers: false
    ) { settings throws(Diagnostic) in _ = try PrometheusSettings(settings) }

    /// Scrapes that may be missed before it is a gap.
    static let missableScrapes = 3.0
    private static let longestAnswer = 16 * 1024 * 1024

    private let settings: PrometheusSettings
    private let token: SecretReference?
    private let client: any HTTPClient

    var sentence: String { "\(settings.query) of \(settings.address)" }

    init(_ settings: Setting, in context: ObservationContext) throws(Diagnostic) {
        try self.init(settings, in: context, client: CurlClient())
    }

    /// The same with another way to send requests.
    init(_ settings: Setting, in context: ObservationContext, client: any HTTPClient) throws(Diagnostic) {
        self.settings = try PrometheusSettings(settings)
        if case .file(let path) = self.settings.token {
            token = .file(context.absolute(path))
        } else {
            token = self.settings.token
        }
        self.client = client
    }

    func observe(_ deliver: @Sendable (ObservationBatch) async -> Void) async throws(ObservationError) {
        let patience = Self.missableScrapes * settings.scrape.inSeconds
        var follower = HistogramFollower(settings.names, patience: patience)
        var lastNews = monotonicTime()
        while !Task.isCancelled {
            let before = follower.newest
            do throws(ObservationError) {
                let counts = try follower.take(try await series())
                if follower.newest != before { lastNews = monotonicTime() }
                guard monotonicTime() - lastNews <= .seconds(patience) else {
                    throw ObservationError(
                        "Prometheus has scraped nothing new for \((monotonicTime() - lastNews).forPeople)"
                    )
                }
                if !counts.isEmpty || follower.newest != before { await deliver(.counts(counts)) }
            } catch {
                if !Task.isCancelled { await deliver(.gap(error.message)) }
            }
            try? await Task.sleep(for: settings.interval)
        }
    }

    private func series() async throws(ObservationError) -> [PrometheusAnswer.Series] {
        var headers = ["Content-Type: application/x-www-form-urlencoded"]
        if let token {
            do throws(SecretError) {
                let text = try secretText(token)
                try checkSecret(text, of: token)
                headers.append("Authorization: Bearer \(text)")
            } catch {
                throw ObservationError(error.message)
            }
        }
        let request = HTTPRequest(
            method: "POST",
            address: settings.address + "/api/v1/query",
            headers: headers,
            body: Array("query=\(formEscaped(settings.query))".utf8),
            timeout: .seconds(10),
            authorities: nil,
            longestAnswer: Self.longestAnswer
        )
        let answer: HTTPAnswer
        do throws(HTTPFailure) {
            answer = try await client.send(request)
        } catch {
            throw ObservationError("Prometheus at \(settings.address) does not answer: \(error.message)")
        }
        guard !answer.isCut else {
            throw ObservationError("Prometheus' answer is longer than 16 MiB; narrow 'selector'")
        }
        return try PrometheusAnswer(status: answer.status, body: answer.body).series
    }
}

/// A text as part of a form (RFC 3986, section 2).
private func formEscaped(_ text: String) -> String {
    text.utf8.map { byte in
        if byte.isASCIILetterOrDigit || "-._~".utf8.contains(byte) { return String(UnicodeScalar(byte)) }
        let digits = String(byte, radix: 16, uppercase: true)
        return "%" + (digits.count < 2 ? "0" : "") + digits
    }.joined()
}

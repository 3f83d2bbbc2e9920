import FoundationEssentials

/// What Prometheus answers to a query for raw samples.
struct PrometheusAnswer {
    /// The samples of one series.
    struct Series {
        let labels: [String: String]
        /// Ascending by time.
        let samples: [Sample]

        var name: String { labels["__name__"] ?? "" }
    }

    /// A value at a time.
    struct Sample: Hashable {
        /// Seconds since 1970, by Prometheus' clock.
        let at: Double
        let value: Double
    }

    let series: [Series]

    /// Reads an answer.
    ///
    /// - Throws: `ObservationError` with Prometheus' own words where it has some.
    init(status: Int, body: [UInt8]) throws(ObservationError) {
        let answer: Body
        do {
            answer = try JSONDecoder().decode(Body.self, from: Data(body))
        } catch {
            throw ObservationError("Prometheus answered \(status) with something else than its JSON")
        }
        guard status == 200, answer.status == "success", let data = answer.data else {
            throw ObservationError("Prometheus answered \(status): \(answer.error?.prefix(200) ?? "no reason given")")
        }
        guard data.resultType == "matrix" else {
            throw ObservationError("Prometheus answered with a \(data.resultType.prefix(20)) instead of samples")
        }
        series = data.result.map { result in
            Series(labels: result.metric, samples: (result.values ?? []).map { Sample(at: $0.at, value: $0.value) })
        }
    }

    private struct Body: Decodable {
        let status: String
        let error: String?
        let data: Matrix?
    }

    private struct Matrix: Decodable {
        let resultType: String
        let result: [Result]
    }

    private struct Result: Decodable {
        let metric: [String: String]
        let values: [Pair]?
    }

    /// A time as number and a value as text.
    private struct Pair: Decodable {
        let at: Double
        let value: Double

        init(from decoder: any Decoder) throws {
            var parts = try decoder.unkeyedContainer()
            at = try parts.decode(Double.self)
            value = try prometheusNumber(parts.decode(String.self)) ?? .nan
        }
    }
}

/// A number as Prometheus writes it, `+Inf` and `NaN` among them.
func prometheusNumber(_ text: String) -> Double? {
    switch text {
    case "+Inf", "Inf": .infinity
    case "-Inf": -.infinity
    case "NaN": .nan
    default: Double(text)
    }
}

import Hummingbird
import NIOCore
public import PhasegateHTTPServer
public import PhasegateObservations
import PhasegateStatistics
import Synchronization

/// What a driver of load has done, as a page that Prometheus scrapes.
///
/// All series are there from the start, at 0, so that nothing is lost before
/// the first scrape. Buckets are a tenth apart, from 0.1 ms to 10 s.
public final class LoadMetrics: Sendable {
    fileprivate struct Counts {
        var buckets = Array(repeating: 0, count: LoadMetrics.edges.count + 1)
        var seconds = 0.0
        var errors = 0
        var users = 0
        var seen: Set<Observation.User> = []
    }

    /// Upper edges in seconds.
    static let edges: [Double] = {
        var edges: [Double] = []
        var edge = 1e-4
        while edge < 10 {
            edges.append((edge * 1e8).rounded() / 1e8)
            edge *= 1.1
        }
        return edges + [10]
    }()

    private let counts = Mutex<[Arm: Counts]>([.candidate: Counts(), .control: Counts()])

    /// Nothing is counted yet.
    public init() {}

    /// Counts requests.
    public func count(_ results: [LoadResult]) {
        counts.withLock { counts in
            for result in results { counts[result.arm]?.count(result) }
        }
    }

    /// Begins to count users anew: with another share of the flag each may see the other arm for the first time.
    public func forgetUsers() {
        counts.withLock { counts in
            for arm in Arm.allCases { counts[arm]?.seen = [] }
        }
    }

    /// The page, in Prometheus' text format.
    public var page: String {
        let counts = counts.withLock(\.self)
        var text = ""
        func metric(_ name: String, _ type: String, _ help: String, _ samples: (Arm, Counts) -> [String]) {
            text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
            for arm in Arm.allCases {
                for sample in samples(arm, counts[arm] ?? Counts()) { text += name + sample + "\n" }
            }
        }
        metric("phasegate_requests_seconds", "histogram", "Requests by how long they took.") { arm, counts in
            var total = 0
            let buckets = zip(counts.buckets, Self.edges.map { "\($0)" } + ["+Inf"]).map { count, edge in
                total += count
                return "_bucket{arm=\"\(arm.rawValue)\",le=\"\(edge)\"} \(total)"
            }
            return buckets + [
                "_sum{arm=\"\(arm.rawValue)\"} \(counts.seconds)", "_count{arm=\"\(arm.rawValue)\"} \(total)",
            ]
        }
        metric("phasegate_request_errors_total", "counter", "Requests that failed.") { arm, counts in
            ["{arm=\"\(arm.rawValue)\"} \(counts.errors)"]
        }
        metric("phasegate_first_exposures_total", "counter", "Users, each once while the share stays.") { arm, counts in
            ["{arm=\"\(arm.rawValue)\"} \(counts.users)"]
        }
        return text
    }

    /// Serves the page at `/metrics` until the task is cancelled.
    ///
    /// - Throws: what kept the port from being opened.
    public func serve(at address: ListeningAddress, onReady: @escaping @Sendable (Int) async -> Void) async throws {
        let router = Router()
        router.get("metrics") { [self] _, _ in
            Response(
                status: .ok,
                headers: [.contentType: "text/plain; version=0.0.4"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: page))
            )
        }
        try await HTTPService(router, at: address, endsOnSignals: false, onReady: onReady).run()
    }
}

extension LoadMetrics.Counts {
    fileprivate mutating func count(_ result: LoadResult) {
        let taken = result.milliseconds / 1000
        // A failed request is as slow as can be, as everywhere.
        let bucket = result.isError ? nil : LoadMetrics.edges.firstIndex { taken <= $0 }
        buckets[bucket ?? LoadMetrics.edges.count] += 1
        seconds += taken
        if result.isError { errors += 1 }
        if let user = result.observation.user, seen.insert(user).inserted { users += 1 }
    }
}

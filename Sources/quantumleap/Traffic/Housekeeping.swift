import FoundationEssentials
import Glibc
import PhasegateCore
import PhasegateFlags
import PhasegateStatistics

/// What the application does besides serving: telemetry, metrics and a line for people.
struct Housekeeping {
    private let pool: Pool
    private let flags: FlagView
    private let telemetry: Telemetry
    private let metrics: MetricsWriter

    private var second = Window(length: .seconds(1))
    private var line = Window(length: .seconds(5))
    private var pruned = ContinuousClock.now
    private var problems: Set<String> = []

    /// Samples gathered since a moment.
    private struct Window {
        let length: Duration
        var began = ContinuousClock.now
        var samples: [Sample] = []

        init(length: Duration) { self.length = length }

        /// The samples and the time they took, if the window is full; begins the next one.
        mutating func take(evenIfShort: Bool = false) -> (samples: [Sample], took: Duration)? {
            let took = ContinuousClock.now - began
            guard took >= length || evenIfShort else { return nil }
            defer {
                began = .now
                samples = []
            }
            return (samples, took)
        }
    }

    init(pool: Pool, flags: FlagView, telemetry: Telemetry, metrics: MetricsWriter) {
        self.pool = pool
        self.flags = flags
        self.telemetry = telemetry
        self.metrics = metrics
    }

    /// Called about every 100 ms.
    mutating func tick() {
        flush()
        if let (samples, took) = second.take() {
            complain(Self.problem { try metrics.write(samples, over: took, poolSize: pool.size) })
        }
        if let (samples, took) = line.take() { show(samples, over: took) }
        if ContinuousClock.now - pruned > .seconds(10) {
            pruned = .now
            complain(Self.problem { try telemetry.prune(at: Self.now) })
        }
    }

    /// Called once, after the last request.
    mutating func finish() {
        flush()
        if let (samples, took) = line.take(evenIfShort: true) { show(samples, over: took) }
    }

    private mutating func flush() {
        let samples = pool.takeSamples()
        second.samples += samples
        line.samples += samples
        complain(Self.problem { try telemetry.write(samples, pool: pool, at: Self.now) })
    }

    private mutating func show(_ samples: [Sample], over took: Duration) {
        let share = flags.rule(at: .now).share
        let reads = samples.filter { $0.kind == .read }
        let p95 = [Sample.Variant.old, .new].map { variant in
            let sorted = reads.filter { $0.variant == variant }.map(\.milliseconds).sorted()
            return "\(variant.rawValue) \(quantile(sorted: sorted, 0.95).map { shortDecimal($0) + " ms" } ?? "-")"
        }
        let rate = (Double(reads.count) / max(0.001, took.inSeconds) * 10).rounded() / 10
        print(
            Moment(milliseconds: Self.now).forPeople,
            "\(rate)/s",
            "share \(share)",
            "p95 \(p95.joined(separator: ", "))",
            "errors \(samples.count { $0.failure != nil })",
            separator: "  "
        )
        // Standard output may be a file somebody follows.
        fflush(nil)
        if let problem = flags.problem { complain(problem) } else { problems = [] }
    }

    private static func problem<Value>(_ body: () throws -> Value) -> String? {
        do {
            _ = try body()
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// Says each thing once until the flag can be read again.
    private mutating func complain(_ problem: String?) {
        guard let problem, problems.insert(problem).inserted, problems.count < 100 else { return }
        let bytes = Array("quantumleap: \(problem)\n".utf8)
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }

    private static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1000) }
}

import PhasegateCore
import PhasegateStatistics

/// A value of the candidate over a window, held against a plain threshold: without a guarantee for looking often.
struct PlainGauge: Gauge {
    /// What is shown.
    enum Value: Hashable, Sendable {
        case percentile(Double)
        case share(CountedEvent)
        case score
    }

    /// A part of the window.
    private struct Slice: Sendable {
        var latencies = LatencyHistogram()
        var events = 0
        var trials = 0
        var scores = 0.0
    }

    private let value: Value
    /// Looks in a slice; nothing where all of the step counts.
    private let looksInSlice: Int?
    private var slices = [Slice()]
    private var looks = 0
    private var absence: String?

    /// A window is kept in so many slices: what falls out of it is known that exactly.
    private static let slicesOfWindow = 20

    init(_ value: Value, window: Duration?, look: Duration) {
        self.value = value
        looksInSlice = window.map { max(1, Int(($0 / look / Double(Self.slicesOfWindow)).rounded(.up))) }
    }

    mutating func add(_ observation: Observation) {
        guard observation.arm == .candidate else { return }
        let last = slices.count - 1
        switch value {
        case .percentile: slices[last].latencies.record(microseconds: observation.countedMicroseconds)
        case .share(let event):
            slices[last].trials += 1
            if event.happened(in: observation, ifUnknown: false) { slices[last].events += 1 }
        case .score:
            guard let score = observation.score else { return }
            slices[last].trials += 1
            slices[last].scores += score >= 0 && score <= 1 ? score : 0
        }
    }

    mutating func add(_ counts: CountedObservations, isJudged: Bool) {
        guard isJudged, counts.arm == .candidate else { return }
        let last = slices.count - 1
        switch value {
        case .percentile:
            let edges = counts.latencies.upperEdges + [Double.greatestFiniteMagnitude]
            for (bucket, count) in counts.latencies.counts.enumerated() {
                slices[last].latencies.record(microseconds: edges[bucket], times: count)
            }
        case .share(let event):
            guard let events = event.number(in: counts) else {
                absence = event.absence(in: counts)
                return
            }
            slices[last].events += events
            slices[last].trials += counts.latencies.total
        case .score: break
        }
    }

    mutating func closeLook() {
        guard let looksInSlice else { return }
        looks += 1
        guard looks.isMultiple(of: looksInSlice) else { return }
        if slices.count == Self.slicesOfWindow { slices.removeFirst() }
        slices.append(Slice())
    }

    var peakFailEvidence: Double? { nil }

    func standing() -> GaugeStanding {
        var standing = GaugeStanding(blindness: absence)
        switch value {
        case .percentile(let percentile):
            var all = LatencyHistogram()
            for slice in slices { all.add(slice.latencies) }
            standing.candidate = all.count + all.invalid
            if all.invalid > 0 { standing.blindness = "\(all.invalid) requests came without a latency" }
            guard let microseconds = all.quantile(percentile), microseconds.isFinite else { return standing }
            standing.estimate = Quantity(real: microseconds / 1000, .milliseconds)
        case .share:
            standing.candidate = slices.reduce(0) { $0 + $1.trials }
            guard standing.candidate > 0 else { return standing }
            let events = slices.reduce(0) { $0 + $1.events }
            standing.estimate = Quantity(real: 100 * Double(events) / Double(standing.candidate), .percent)
            standing.notes.append("\(events) of \(standing.candidate) of the candidate")
        case .score:
            standing.candidate = slices.reduce(0) { $0 + $1.trials }
            guard standing.candidate > 0 else { return standing }
            standing.estimate = Quantity(real: slices.reduce(0) { $0 + $1.scores } / Double(standing.candidate))
        }
        return standing
    }
}

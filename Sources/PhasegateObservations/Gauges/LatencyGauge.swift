import PhasegateCore
import PhasegateStatistics

/// A percentile of the latency against the control's, request by request (F3, F5 and F6 of docs/statistics.md).
struct LatencyGauge: Gauge {
    /// Both sides where latencies are exact; the failing side where they come in buckets.
    private var gate: LatencyGate
    /// The passing side where latencies come in buckets: a bucket is read against the claim, and the claims differ.
    private var passGate: LatencyGate
    private var look = LatencyLook()
    private var passLook = LatencyLook()
    private var warmUp = LatencyHistogram()
    private var passWarmUp = LatencyHistogram()
    private var isCoarse = false

    init(_ settings: LatencyGateSettings) throws(StatisticsError) {
        gate = try LatencyGate(settings)
        passGate = try LatencyGate(settings)
    }

    mutating func add(_ observation: Observation) {
        let microseconds = observation.countedMicroseconds
        switch observation.arm {
        case .candidate: look.candidate.record(microseconds: microseconds)
        case .control: look.control.record(microseconds: microseconds)
        }
    }

    mutating func follow(_ observation: Observation) {
        guard observation.arm == .control else { return }
        warmUp.record(microseconds: observation.countedMicroseconds)
    }

    /// A candidate in a bucket counts as fast as it may have been to fail and as slow to pass, a control the other way round.
    mutating func add(_ counts: CountedObservations, isJudged: Bool) {
        isCoarse = true
        let edges = [0] + counts.latencies.upperEdges + [Double.greatestFiniteMagnitude]
        for (bucket, count) in counts.latencies.counts.enumerated() {
            let (fast, slow) = (edges[bucket], edges[bucket + 1])
            switch (counts.arm, isJudged) {
            case (.candidate, true):
                look.candidate.record(microseconds: fast, times: count)
                passLook.candidate.record(microseconds: slow, times: count)
            case (.control, true):
                look.control.record(microseconds: slow, times: count)
                passLook.control.record(microseconds: fast, times: count)
            case (.control, false):
                warmUp.record(microseconds: slow, times: count)
                passWarmUp.record(microseconds: fast, times: count)
            case (.candidate, false): break
            }
        }
    }

    mutating func closeLook() {
        gate.follow(control: warmUp)
        // A count too large for the evidence would take centuries to come about; nothing is judged then.
        try? gate.observe(look)
        if isCoarse {
            passGate.follow(control: passWarmUp)
            try? passGate.observe(passLook)
            passLook.clear()
            passWarmUp.clear()
        }
        look.clear()
        warmUp.clear()
    }

    var peakFailEvidence: Double? { gate.failing.peakLogEvidence }

    func standing() -> GaugeStanding {
        let passing = isCoarse ? passGate : gate
        var standing = GaugeStanding(failing: gate.failing, passing: passing.passing)
        standing.candidate = gate.total.candidate.count + gate.total.candidate.invalid
        standing.control = gate.total.control.count + gate.total.control.invalid
        let low = try? gate.ratioBounds(level: shownLevel)
        let high = isCoarse ? try? passing.ratioBounds(level: shownLevel) : low
        standing.show(
            candidate: gate.total.candidate,
            control: gate.total.control,
            percentile: gate.settings.percentile,
            low: low?.low,
            high: high?.high
        )
        if !gate.hasReference { standing.blindness = waitForReference(missing: gate.missingControl) }
        return standing
    }
}

/// Why a latency cannot be judged before the control is known.
///
/// - Parameter missing: requests of the control that this still takes; 0 where more of them would not help.
/// - Returns: a sentence part.
func waitForReference(missing: Int) -> String {
    let why = "the control has not shown yet which latencies are usual"
    return missing > 0 ? why + " (requests missing: \(missing))" : why
}

extension GaugeStanding {
    /// Shows the ratio of two percentiles.
    mutating func show(
        candidate: LatencyHistogram,
        control: LatencyHistogram,
        percentile: Double,
        low: Double?,
        high: Double?
    ) {
        let ofCandidate = candidate.quantile(percentile)
        let ofControl = control.quantile(percentile)
        guard let ofCandidate, let ofControl, ofControl > 0, ofCandidate.isFinite, ofControl.isFinite else { return }
        estimate = Quantity(real: ofCandidate / ofControl, .times)
        // An end that is not known yet is drawn as far as numbers are drawn.
        interval = Measurement.Interval(
            low: low ?? 0,
            high: high ?? Measurement.Interval.unbounded,
            confidence: 1 - 2 * shownLevel
        )
        let name = "p\(shortDecimal(percentile * 100))"
        notes.append(
            "\(name) of the candidate \(shortDecimal(ofCandidate / 1000)) ms, of the control "
                + "\(shortDecimal(ofControl / 1000)) ms"
        )
        let invalid = candidate.invalid + control.invalid
        if invalid > 0 { notes.append("\(invalid) came without a latency and count against either claim") }
    }
}

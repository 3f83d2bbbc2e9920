import PhasegateCore
import PhasegateProbes

/// Latency of the requests of those who see the change.
struct ObservedLatencyProbe: ObservedProbe {
    /// `observed-latency`.
    static let name: ProbeName = "observed-latency"
    /// What it measures.
    static let summary =
        "A percentile of the latency of the requests with the change, as the application serves them; with 'compare: control', "
        + "its ratio to those without."
    /// Its keys.
    static let settings: [Shape.Key] = [
        Shape.Key("percentile", .number(1...99.99), "The percentile; 95 unless said otherwise."),
        window,
    ]
    /// What it can be compared with.
    static let comparisons: [Criterion.Comparison] = [.control]

    /// Reads the settings.
    init(_ settings: Setting) throws(Diagnostic) {}

    /// Milliseconds, or a ratio where it is compared.
    var output: ProbeOutput { .number(.time, 0...6e11) }
}

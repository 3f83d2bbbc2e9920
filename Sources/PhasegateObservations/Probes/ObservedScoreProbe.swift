import PhasegateCore
import PhasegateProbes

/// How good the answers are that users with the change get.
struct ObservedScoreProbe: ObservedProbe {
    /// `observed-score`.
    static let name: ProbeName = "observed-score"
    /// What it measures.
    static let summary =
        "The mean of the scores from 0 to 1 that requests with the change are reported with, as recall."
    /// Its keys.
    static let settings: [Shape.Key] = [window]
    /// What it can be compared with.
    static let comparisons: [Criterion.Comparison] = [.limit]

    /// Reads the settings.
    init(_ settings: Setting) throws(Diagnostic) {}

    /// A number from 0 to 1.
    var output: ProbeOutput { .number(.count, 0...1) }
}

import PhasegateCore
import PhasegateProbes

/// Share of failed or slow requests among those of users who see the change.
struct ObservedShareProbe: ObservedProbe {
    /// `observed-share`.
    static let name: ProbeName = "observed-share"
    /// What it measures.
    static let summary =
        "The share of requests with the change that failed, or that took longer than a limit; with 'compare: control', its "
        + "ratio to the share without."
    /// Its keys.
    static let settings: [Shape.Key] = [
        Shape.Key(
            "of",
            .oneOf(["errors", "slow"]),
            required: true,
            "What is counted; a failed request is slow as well."
        ),
        Shape.Key("slower-than", .duration, "From when on a request is slow; needed for 'slow'."),
        window,
    ]
    /// What it can be compared with.
    static let comparisons: [Criterion.Comparison] = [.control, .limit]

    /// Reads the settings.
    ///
    /// - Throws: `Diagnostic` where what is slow is not said, or said for nothing.
    init(_ settings: Setting) throws(Diagnostic) {
        let isSlow = settings["of"]?.text == "slow"
        guard isSlow == (settings["slower-than"] != nil) else {
            throw Diagnostic(
                rule: "bad-probe",
                isSlow ? "'of: slow' does not say what is slow" : "'slower-than' stands beside 'of: errors'",
                hint: isSlow ? "add 'slower-than: 100 ms'" : "write 'of: slow'"
            )
        }
    }

    /// A share, or a ratio where it is compared with the control.
    var output: ProbeOutput { .number(.share, 0...100) }
}

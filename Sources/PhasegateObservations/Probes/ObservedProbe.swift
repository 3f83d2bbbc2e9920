import PhasegateCore
public import PhasegateProbes

/// What the probes share that ask what was observed of a ramp's users.
protocol ObservedProbe: ProbeKind {}

extension ObservedProbe {
    /// The span that a value without a comparison is taken over.
    static var window: Shape.Key {
        Shape.Key(
            "window",
            .duration,
            "Without 'compare', the span that counts; the whole step unless said otherwise."
        )
    }

    /// Asks whoever observes the ramp.
    func measure(in context: ProbeContext) async throws(ProbeError) -> Measurement {
        guard let criterion = context.criterion, let request = context.request,
            let observations = context.observations
        else { throw ProbeError(.unsupported, "nobody observes users here") }
        return try await observations.measurement(of: criterion, for: request)
    }
}

/// The kinds of probes that read observations.
public enum ObservedProbes {
    /// All of them.
    public static let kinds: [any ProbeKind.Type] = [
        ObservedLatencyProbe.self, ObservedShareProbe.self, ObservedScoreProbe.self,
    ]
}

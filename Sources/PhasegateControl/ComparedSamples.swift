import PhasegateCore

/// What a comparison could come out with, to prove that its gate closes.
enum ComparedSamples {
    /// Evidence that the limit is kept.
    static let passing = measurement(failing: 0, passing: 10)

    /// Everything that must not open a gate: what it is, the measurement, and whether it fails rather than is unknown.
    static let all: [(String, Measurement, Bool)] = [
        ("evidence of harm", measurement(failing: 10, passing: 0), true),
        ("evidence of harm that was there, and of none now", measurement(failing: 10, passing: 10), true),
        ("no evidence either way", measurement(failing: 0, passing: 0), false),
        ("an arm that is missing", measurement(failing: 0, passing: 10, blindness: "the control is gone"), false),
        ("users who do not come as planned", measurement(failing: 0, passing: 10, mismatch: 10), false),
        ("evidence that is no number", measurement(failing: .nan, passing: .nan), false),
        ("an estimate without evidence", Measurement(Quantity(1, .times)), false),
    ]

    private static func measurement(
        failing: Double,
        passing: Double,
        blindness: String? = nil,
        mismatch: Double = 0
    ) -> Measurement {
        func side(_ logEvidence: Double) -> SequentialEvidence.Side {
            SequentialEvidence.Side(logEvidence: logEvidence, threshold: 3, level: 0.05)
        }
        return Measurement(
            Quantity(1, .times),
            samples: 1,
            evidence: SequentialEvidence(
                failing: side(failing),
                passing: side(passing),
                blindness: blindness,
                assignment: SequentialEvidence.Assignment(
                    candidate: 5,
                    control: 95,
                    plannedShare: 0.05,
                    mismatch: side(mismatch)
                ),
                unit: .user,
                candidate: 5,
                control: 95
            )
        )
    }
}

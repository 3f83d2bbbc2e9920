import PhasegateCore

extension RolloutGrammar {
    /// A phase.
    static let phase = Shape.map([
        Shape.Key("name", .name, required: true, "Its name within the rollout."),
        Shape.Key("title", .text, "Its title for people; the name unless said otherwise."),
        sources,
        Shape.Key("needs", .list(.name, orOne: true), "Phases that must be finished first."),
        Shape.Key(
            "window",
            .map([
                Shape.Key("from", .text, required: true, "Planned start, as 'week 3' or a date."),
                Shape.Key("to", .text, required: true, "Planned end."),
            ]),
            "When it is planned."
        ),
        Shape.Key("effort", .text, "Planned effort in words."),
        Shape.Key(
            "reversibility",
            .oneOf(Reversibility.allCases.map(\.rawValue)),
            required: true,
            "What failure allows: roll back, run the compensation, or freeze and call a person."
        ),
        Shape.Key("risks", .list(.name, orOne: true), "Risks it carries."),
        Shape.Key("approvals", .whole(0...20), "Distinct people who must approve; 0 unless said otherwise."),
        Shape.Key("clock", clock, "When its gates sample and how long they wait."),
        Shape.Key("mitigations", .list(mitigation, orOne: false), "What is planned against its risks."),
        Shape.Key("change", migrations, "Migrations that the phase applies."),
        Shape.Key("compensation", migrations, "Migrations that make good a failed phase, going forward."),
        Shape.Key("ramp", ramp, "How users are exposed to the change."),
        Shape.Key("preconditions", criteria, "What must be true before anything is changed."),
        Shape.Key("guards", criteria, "What must stay true while users are exposed."),
        Shape.Key("success", criteria, "What must be true at the end."),
        Shape.Key("kill", criteria, "What ends the rollout when it fails; nothing waives it."),
    ])

    /// The keys under which a criterion or a threshold states its conditions.
    static let bounds = [
        Shape.Key("must", .bound, "Has to hold, or the gate stays closed."),
        Shape.Key("should", .bound, "Ought to hold; a failure puts a condition on the gate."),
        Shape.Key("fail", .bound, "Must not hold, or the gate stays closed."),
        Shape.Key("warn", .bound, "Is worth a warning when it holds."),
    ]

    private static let criteria = Shape.list(criterion, orOne: false)

    private static let criterion = Shape.map(
        [
            Shape.Key("name", .name, required: true, "Its name within the phase."),
            Shape.Key(
                "source",
                .list(.text, orOne: true),
                required: true,
                "Items of the source document that ask for it."
            ),
            Shape.Key("probe", .probe, required: true, "What measures it."),
        ] + bounds + [
            Shape.Key("threshold", .name, "A shared threshold to take the conditions from."),
            Shape.Key("risks", .list(.name, orOne: true), "Risks that its failure would make real."),
            Shape.Key("baseline-of", .name, "The phase whose baseline counts; this one unless said otherwise."),
            Shape.Key(
                "compare",
                .oneOf(Criterion.Comparison.allCases.map(\.rawValue)),
                "Compare with the control or a fixed limit by evidence that holds at any look; needs 'must' and 'fail'."
            ),
            Shape.Key("confirm", .whole(1...100), "Failing rounds in a row before it counts; 1 unless said otherwise."),
            Shape.Key(
                "samples",
                .whole(0...100_000_000),
                "Fewest samples for a reading to count; 0 unless said otherwise."
            ),
            Shape.Key("valid-for", .duration, "How long a reading stays true; 60 s unless said otherwise."),
            Shape.Key("deadline", .duration, "How long the probe may take; 60 s unless said otherwise."),
        ]
    )

    private static let clock = Shape.map([
        Shape.Key("delay", .duration, "Wait before the first round; none unless said otherwise."),
        Shape.Key("interval", .duration, "Time between rounds; 10 s unless said otherwise."),
        Shape.Key("steady", .duration, "How long all must hold together; one round unless said otherwise."),
        Shape.Key("timeout", .duration, "How long the gate may stay closed; 30 min unless said otherwise."),
        Shape.Key(
            "on-timeout",
            .oneOf(GateClock.TimeoutAction.allCases.map(\.rawValue)),
            "What happens then; hold unless said otherwise."
        ),
    ])

    private static let mitigation = Shape.map([
        Shape.Key("text", .text, required: true, "What is done."),
        sources,
    ])

    private static let migrations = Shape.map([
        Shape.Key("migrations", .text, required: true, "Directory of the files, relative to the rollout file."),
        Shape.Key(
            "versions",
            .list(.whole(1...999_999_999), orOne: true),
            required: true,
            "The versions applied, ascending."
        ),
        Shape.Key("target", .name, required: true, "The database they change."),
        Shape.Key(
            "backup",
            .oneOf(BackupLevel.allCases.map(\.rawValue)),
            "Proof demanded of the backup taken before; content unless said otherwise."
        ),
        Shape.Key("deadline", .duration, "How long one migration may take; 5 min unless said otherwise."),
    ])
}

import PhasegateCore

extension RolloutGrammar {
    /// A ramp.
    static let ramp = Shape.map([
        Shape.Key("flag", .name, required: true, "The flag that is moved."),
        Shape.Key(
            "steps",
            .list(.number(0...100), orOne: false),
            required: true,
            "Shares of users in percent, ascending."
        ),
        Shape.Key("soak", .duration, required: true, "How long each share has to hold before the next."),
        Shape.Key(
            "hold-back",
            .number(0.01...50),
            "Percent of users kept from the change at the last step, to compare with, until it has passed."
        ),
        Shape.Key("observe", .source, "Where observations of the users come from; needed to compare."),
        Shape.Key(
            "unit",
            .oneOf(ObservationPlan.Unit.allCases.map(\.rawValue)),
            "What is counted as independent: each user once in a step, which is usual, or each request."
        ),
        Shape.Key(
            "user-window",
            .duration,
            "How long a user is watched from its first request; 10 s unless said otherwise."
        ),
        Shape.Key("look", .duration, "How often what has come in is judged; 200 ms unless said otherwise."),
        Shape.Key(
            "burn-in",
            .duration,
            "What is left out at the beginning of a step, as caches are cold; 10 s unless said otherwise."
        ),
        Shape.Key(
            "assignment",
            .oneOf(["checked", "unchecked"]),
            "Whether nothing passes before users are seen to come as planned; checked unless said otherwise."
        ),
        Shape.Key("guarantee", guarantee, "The chances to be wrong that are accepted."),
        Shape.Key(
            "load",
            .quantity,
            "Requests that are expected from all users together, as '1000/s'; 'plan' reckons with it."
        ),
        Shape.Key("rare-defect", rareDefect, "What a soak has to be long enough to notice; needs 'load'."),
    ])

    private static let guarantee = Shape.map([
        Shape.Key(
            "false-rollback",
            .number(0.0001...50),
            "Percent: the chance to roll back a ramp that keeps to all limits; 5 unless said otherwise."
        ),
        Shape.Key(
            "false-promotion",
            .number(0.0001...50),
            "Percent: the chance to promote a step with a criterion beyond its limit; 5 unless said otherwise."
        ),
        Shape.Key(
            "false-invalid",
            .number(0.0001...50),
            "Percent: the chance to call a sound assignment wrong; 1 unless said otherwise."
        ),
    ])

    private static let rareDefect = Shape.map([
        Shape.Key(
            "visibility",
            .quantity,
            required: true,
            "The share of requests with the change that show it, as '0.1 %'."
        ),
        Shape.Key("signs", .whole(1...10_000), "How many it takes to notice; 6 unless said otherwise."),
        Shape.Key("lag", .duration, "How long a sign takes to be seen; none unless said otherwise."),
    ])
}

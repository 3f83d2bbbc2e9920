import PhasegateCore

extension RolloutGrammar {
    /// What it costs when risks become real.
    static let loss = Shape.map(
        [
            Shape.Key("currency", .text, required: true, "The currency, as USD."),
            Shape.Key("per-hour", spread(money), required: true, "What an hour of an outage costs."),
        ] + stages + [
            Shape.Key("outages", .list(outage, orOne: true), required: true, "The risks that are outages."),
            Shape.Key(
                "scenarios",
                .list(scenario, orOne: true),
                required: true,
                "What is assumed, each with a forecast of its own."
            ),
            Shape.Key(
                "tolerances",
                .list(tolerance, orOne: true),
                "Losses that may be exceeded with a limited chance."
            ),
            Shape.Key(
                "downtime-limits",
                .list(downtimeLimit, orOne: true),
                "What was promised about downtime, to be held against the risks."
            ),
            sources,
        ]
    )

    static let money = Shape.number(0...1e15)

    static let stages = [
        Shape.Key("detect", spread(.duration), "How long until it is noticed."),
        Shape.Key("respond", spread(.duration), "How long from then until somebody acts."),
        Shape.Key("recover", spread(.duration), "How long from then until it is over."),
    ]

    private static let outage = Shape.map(
        [
            Shape.Key("risk", .name, required: true, "The risk."),
            Shape.Key("percent", .number(0...100), "Its probability, where it is not the register's."),
        ] + stages
    )

    private static let scenario = Shape.map(
        [
            Shape.Key("name", .name, required: true, "Its name; the draws of the simulation are labelled with it."),
            Shape.Key("title", .text, required: true, "What is assumed, for people."),
            Shape.Key("like", .name, "An earlier scenario whose assumptions it shares, unless it says otherwise."),
            Shape.Key("outages", .list(outage, orOne: true), "Risks for which something else is assumed."),
        ] + stages
    )

    private static let tolerance = Shape.map([
        Shape.Key("loss", money, required: true, "The loss."),
        Shape.Key(
            "at-most",
            .number(0...100),
            required: true,
            "The chance in percent with which it may be exceeded."
        ),
    ])

    private static let downtimeLimit = Shape.map([
        Shape.Key("title", .text, required: true, "What was promised."),
        Shape.Key("below", .duration, required: true, "The downtime it has to stay below."),
        Shape.Key("risks", .list(.name, orOne: true), "The outages that count; all of them unless said otherwise."),
        sources,
    ])

    /// A value that is known, or what is known of one that is not.
    static func spread(_ value: Shape) -> Shape {
        .either(
            value,
            .map([
                Shape.Key("from", value, "The lowest value; anything between it and 'to' is alike."),
                Shape.Key("likely", value, "The usual value, if there is one."),
                Shape.Key("to", value, "The highest value."),
                Shape.Key("p5", value, "In place of 'from': what is undercut with a chance of 5 %."),
                Shape.Key("p95", value, "In place of 'to': what is exceeded with a chance of 5 %."),
            ])
        )
    }
}

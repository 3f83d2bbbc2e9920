import PhasegateCore

extension RolloutGrammar {
    /// A decision between ways to go, in a file of its own.
    static let strategy = Shape.map([
        Shape.Key("phasegate", .whole(1...1_000_000), required: true, "Version of the format."),
        Shape.Key("decision", .name, required: true, "Its name."),
        Shape.Key("title", .text, required: true, "What is to be decided."),
        sources,
        Shape.Key("options", .list(option, orOne: false), "The ways to go."),
        Shape.Key("levels", .list(.text, orOne: false), "Words for how bad an option is, the best first."),
        Shape.Key("impacts", .list(.text, orOne: false), "Words for how much a factor matters, the least first."),
        Shape.Key("declared", .name, "The option that the document recommends."),
        Shape.Key("versions", .list(factorVersion, orOne: true), "The factors, as each part of the document has them."),
        Shape.Key("staging", staging, "What exposing users step by step is worth."),
        Shape.Key("comparison", comparison, "Variants with what they cost and bring."),
    ])

    private static let option = Shape.map([
        Shape.Key("name", .name, required: true, "Its name."),
        Shape.Key("title", .text, required: true, "What it is."),
    ])

    private static let factorVersion = Shape.map([
        Shape.Key("name", .name, required: true, "Its name."),
        Shape.Key("title", .text, required: true, "Where it comes from."),
        Shape.Key("factors", .list(factor, orOne: false), required: true, "What the options differ in."),
    ])

    private static let factor = Shape.map([
        Shape.Key("name", .text, required: true, "What it is."),
        Shape.Key("impact", .text, required: true, "How much it matters, as a word of the impacts."),
        Shape.Key("levels", .named(.text), required: true, "How bad each option is, as a word of the levels."),
        sources,
    ])

    private static let staging = Shape.map(
        [
            Shape.Key("currency", .text, required: true, "The currency."),
            Shape.Key("per-hour", spread(money), required: true, "What an hour costs when all users are exposed."),
        ] + stages + [
            Shape.Key("operations", .number(0.001...1e12), required: true, "Operations a minute of all users."),
            Shape.Key(
                "visibility",
                .number(1e-9...100),
                required: true,
                "Of the exposed operations, how many percent leave a sign that is counted."
            ),
            Shape.Key("signs", .whole(1...1000), required: true, "How many signs are needed."),
            Shape.Key(
                "steps",
                .list(.number(0.01...100), orOne: false),
                required: true,
                "The steps in percent, up to 100."
            ),
            Shape.Key("soak", .duration, required: true, "How long each step is watched."),
            Shape.Key("classes", .list(defectClass, orOne: true), required: true, "The kinds of defects."),
            Shape.Key("defect", .number(0...100), required: true, "The chance of a defect in percent."),
            Shape.Key("coordination", money, "What coordinating the steps costs."),
            sources,
        ]
    )

    private static let defectClass = Shape.map([
        Shape.Key("name", .text, required: true, "What kind."),
        Shape.Key("percent", .number(0...100), required: true, "How many of the defects are of this kind."),
        Shape.Key("onset", .duration, "Within how long it begins; at once unless said otherwise."),
        Shape.Key("under-full-load", .truth, "Whether it shows itself at 100 % only."),
    ])

    private static let comparison = Shape.map([
        Shape.Key("currency", .text, required: true, "The currency."),
        Shape.Key("per-hour", spread(money), required: true, "What an hour of downtime costs."),
        Shape.Key("variants", .list(variant, orOne: false), required: true, "The variants."),
        Shape.Key("benchmarks", .list(benchmark, orOne: false), "What was measured or promised of them."),
        Shape.Key("reach", .list(reach, orOne: true), "What every variant is meant to reach."),
    ])

    private static let variant = Shape.map([
        Shape.Key("name", .name, required: true, "Its name."),
        Shape.Key("title", .text, required: true, "What it is."),
        Shape.Key("cost", money, required: true, "All that it costs to make."),
        Shape.Key("migration-cost", money, "What of that is spent again when it has to be done anew."),
        Shape.Key("benefit", money, required: true, "What it brings in a year."),
        Shape.Key("downtime", spread(.duration), required: true, "Planned downtime."),
        Shape.Key("rollback", spread(.duration), required: true, "How long it is down when it is taken back."),
        Shape.Key("failure", .number(0...100), required: true, "The chance in percent that it has to be taken back."),
        Shape.Key("return", .number(-100...1e9), "The return in percent that the document states."),
        sources,
    ])

    private static let benchmark = Shape.map([
        Shape.Key("name", .text, required: true, "What is measured."),
        Shape.Key(
            "values",
            .named(.quantity),
            required: true,
            "The values, by variant; none for what was not measured."
        ),
        sources,
    ])

    private static let reach = Shape.map([
        Shape.Key("title", .text, required: true, "What is meant."),
        Shape.Key("must", .bound, required: true, "The condition."),
        Shape.Key("benchmarks", .list(.text, orOne: true), required: true, "What it is held against."),
        sources,
    ])
}

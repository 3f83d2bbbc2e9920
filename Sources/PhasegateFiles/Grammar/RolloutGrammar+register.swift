import PhasegateCore

extension RolloutGrammar {
    /// The scale of a register.
    static let grid = Shape.map([
        Shape.Key("id", .name, required: true, "Which scale this is."),
        Shape.Key("version", .whole(1...1_000_000), required: true, "Version of the data."),
        Shape.Key(
            "likelihood",
            .list(
                .map([
                    Shape.Key("word", .text, required: true, "The word."),
                    Shape.Key("from", .number(0...100), required: true, "Lower edge in percent, included."),
                    Shape.Key("to", .number(0...100), required: true, "Upper edge in percent, excluded except at 100."),
                ]),
                orOne: false
            ),
            required: true,
            "Rows, least likely first, with the probabilities they stand for."
        ),
        Shape.Key("impact", .list(.text, orOne: false), required: true, "Columns, least severe first."),
        Shape.Key("levels", .list(.text, orOne: false), required: true, "Levels, lowest first."),
        Shape.Key(
            "cells",
            .list(.list(.text, orOne: false), orOne: false),
            required: true,
            "One list of levels for each row."
        ),
    ])

    /// A risk.
    static let risk = Shape.map([
        Shape.Key("id", .name, required: true, "Its identifier, as R003."),
        Shape.Key("title", .text, required: true, "Its title."),
        sources,
        Shape.Key("likelihood", .text, required: true, "How likely, as a word of the grid."),
        Shape.Key("percent", .number(0...100), "Probability in percent, where the document states one."),
        Shape.Key("impact", .text, required: true, "How severe, as a word of the grid."),
        Shape.Key("level", .text, "The level the document states; the grid's is shown beside it."),
        Shape.Key("priority", .text, "The priority the document states."),
        Shape.Key("inherent", position, "Where it stands before anything is done against it."),
        Shape.Key("target", position, "Where it is meant to come to."),
        Shape.Key("standing", .truth, "Whether it stands at every gate instead of belonging to phases."),
        Shape.Key("owner", .text, "Who answers for it."),
        Shape.Key("actions", .list(.text, orOne: false), "What is done at once when it becomes real."),
        Shape.Key("channel", .text, "Where the owner is reached."),
    ])

    private static let position = Shape.map([
        Shape.Key("likelihood", .text, required: true, "How likely, as a word of the grid."),
        Shape.Key("impact", .text, required: true, "How severe, as a word of the grid."),
    ])

    /// Who decides how fast.
    static let escalation = Shape.map([
        Shape.Key("level", .text, required: true, "The level."),
        Shape.Key("from", .duration, required: true, "Start of the response window, included."),
        Shape.Key("to", .duration, required: true, "End of the response window, excluded."),
        Shape.Key("deciders", .list(.text, orOne: false), required: true, "Roles that decide."),
        Shape.Key("audience", .text, required: true, "Who is told."),
        sources,
    ])
}

import PhasegateCore

extension RolloutGrammar {
    /// Who is told of what, where and when.
    static let notices = Shape.map([
        Shape.Key(
            "channels",
            .list(.channel, orOne: false),
            "Ways to reach people; a file beside the reports unless said otherwise."
        ),
        Shape.Key(
            "routes",
            .list(route, orOne: false),
            "Which notices go where; everything everywhere if there are none."
        ),
        Shape.Key("quiet-hours", hours, "When only the highest level is sent; the rest waits until the hours end."),
        Shape.Key(
            "repeat",
            .duration,
            "How long after a notice nobody answered it is repeated, doubling up to a day; 4 h unless said otherwise."
        ),
        Shape.Key("roles", .list(role, orOne: false), "Who fills the roles that decide."),
        Shape.Key(
            "emergency",
            .list(.text, orOne: true),
            "Roles that are called when the highest rung does not answer."
        ),
    ])

    private static let route = Shape.map([
        Shape.Key("levels", .list(.text, orOne: true), "Levels it takes; all unless said otherwise."),
        Shape.Key("phases", .list(.name, orOne: true), "Phases whose notices it takes; all unless said otherwise."),
        Shape.Key("risks", .list(.name, orOne: true), "Risks whose notices it takes; all unless said otherwise."),
        Shape.Key("hours", hours, "Time of day at which it takes them; always unless said otherwise."),
        Shape.Key("channels", .list(.name, orOne: true), required: true, "Where they go."),
    ])

    private static let hours = Shape.map([
        Shape.Key("from", .timeOfDay, required: true, "Start, included."),
        Shape.Key("to", .timeOfDay, required: true, "End, excluded; before the start, it is the next day's."),
        Shape.Key("offset", .utcOffset, "How far their clock is ahead of UTC; +00:00 unless said otherwise."),
    ])

    private static let role = Shape.map([
        Shape.Key("name", .text, required: true, "The role, as an escalation names it."),
        Shape.Key("person", .text, "Who fills it; leave it out while nobody does."),
        Shape.Key("deputy", .text, "Who stands in."),
        Shape.Key("channels", .list(.name, orOne: true), "Where they are reached beside the routes."),
        sources,
    ])
}

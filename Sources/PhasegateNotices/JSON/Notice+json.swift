import PhasegateCore

extension Notice {
    /// The notice for programs, in at most so many bytes: what is too long is cut, and says so.
    ///
    /// Control characters are left out of every text, as everywhere.
    func json(within limit: Int) -> JSONText {
        let bare = json(body: "", facts: shownFacts)
        // Facts are short, but a notice may bring many; the text matters more than the last of them.
        let facts = bare.bytes.count <= limit * 3 / 4 ? shownFacts : []
        let room = limit - json(body: "", facts: facts).bytes.count
        return json(body: NoticeText.cut(NoticeText.text(body), to: room, cost: JSONText.cost), facts: facts)
    }

    private var shownFacts: [Fact] {
        facts.prefix(20).map { Fact(NoticeText.short($0.name, 60), NoticeText.short($0.value, 200)) }
    }

    private func json(body: String, facts: [Fact]) -> JSONText {
        var members: [(key: String, value: JSONText)] = [
            ("id", .text(id.rawValue)), ("episode", .text(NoticeText.short(episode.rawValue, 400))),
            ("kind", .text(kind.rawValue)), ("reason", .text(NoticeText.short(reason, 400))),
            ("level", .text(NoticeText.short(level, 60))), ("rollout", .text(NoticeText.short(rollout.rawValue, 200))),
        ]
        if let phase { members.append(("phase", .text(NoticeText.short(phase.rawValue, 200)))) }
        if let risk { members.append(("risk", .text(NoticeText.short(risk.rawValue, 200)))) }
        members += [
            ("criteria", .list(criteria.prefix(20).map { .text(NoticeText.short($0.rawValue, 100)) })),
            ("rung", .whole(rung)), ("audience", .list(audience.prefix(20).map { .text(NoticeText.short($0, 60)) })),
            ("title", .text(NoticeText.short(title, 300))), ("body", .text(body)),
            (
                "facts",
                .list(facts.map { .map([("name", .text($0.name)), ("value", .text($0.value))]) })
            ), ("startedAt", .text(startedAt.description)), ("raisedAt", .text(raisedAt.description)),
        ]
        if let acknowledgeBy { members.append(("acknowledgeBy", .text(acknowledgeBy.description))) }
        return .map(members)
    }
}

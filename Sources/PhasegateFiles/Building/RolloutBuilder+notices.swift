import PhasegateCore

extension RolloutBuilder {
    /// Builds the notice plan.
    ///
    /// - Parameters:
    ///   - map: what is written under `notices`; nothing if the key is missing.
    ///   - grid: the grid whose levels routes take; nothing when it could not be read.
    /// - Returns: the plan; the one by default where nothing is written.
    mutating func notices(_ map: CheckedMap?, grid: RiskGrid?) -> NoticePlan {
        guard let map else { return .byDefault }
        for part in ["routes", "quiet-hours", "emergency"] { places["notices/\(part)"] = map.place(of: part) }
        let channels = channels(map)
        let plain = NoticePlan()
        return NoticePlan(
            channels: channels,
            routes: (map["routes"]?.list ?? []).compactMap(\.map).map { route($0, grid: grid) },
            quietHours: hours(map["quiet-hours"]?.map),
            repeatEvery: positive(map["repeat"], "repeat") ?? plain.repeatEvery,
            roles: roles(map["roles"]?.list ?? []),
            emergency: emergency(map["emergency"]?.list ?? [])
        )
    }

    private mutating func channels(_ map: CheckedMap) -> [NoticePlan.Channel] {
        guard map.has("channels") else {
            declared[.channel] = NoticePlan.byDefault.channels.map(\.name.rawValue)
            return NoticePlan.byDefault.channels
        }
        refuseEmpty(map["channels"], "there are no channels", hint: "leave 'channels' out for a file of each notice")
        return (map["channels"]?.list ?? []).compactMap { value in
            guard let channel = value.plugIn, let name = channel.map["name"], let text = name.text,
                declare(.channel, text, at: name.place)
            else { return nil }
            return NoticePlan.Channel(
                name: ChannelName(rawValue: text),
                kind: channel.kind,
                settings: channel.settings
            )
        }
    }

    private mutating func route(_ map: CheckedMap, grid: RiskGrid?) -> NoticePlan.Route {
        for key in ["levels", "phases", "risks"] {
            // An empty list reads as none, and would mean all.
            refuseEmpty(map[key], "'\(key)' of a route is empty", hint: "leave it out if the route takes all of them")
        }
        refuseEmpty(map["channels"], "a route goes to no channel", hint: "name at least one under 'channels'")
        if let grid {
            let levels = grid.levels.isEmpty ? Self.levelsWithoutRegister : grid.levels
            for level in map["levels"]?.list ?? [] { checkWord(level, among: levels, of: "levels") }
        }
        refer(to: .phase, map["phases"]?.list ?? [], from: "a route")
        refer(to: .risk, map["risks"]?.list ?? [], from: "a route")
        refer(to: .channel, map["channels"]?.list ?? [], from: "a route")
        return NoticePlan.Route(
            levels: texts(map["levels"]),
            phases: texts(map["phases"]).map(PhaseName.init(rawValue:)),
            risks: texts(map["risks"]).map(RiskID.init(rawValue:)),
            hours: hours(map["hours"]?.map),
            channels: texts(map["channels"]).map(ChannelName.init(rawValue:))
        )
    }

    /// The levels of notices where there is no grid: a rollout that rests, and one that goes on.
    private static let levelsWithoutRegister = ["LOW", "HIGH"]

    private mutating func hours(_ map: CheckedMap?) -> NoticePlan.DayHours? {
        guard let map, let from = map["from"]?.minutes, let to = map["to"]?.minutes else { return nil }
        guard from != to else {
            problems.report(
                "bad-hours",
                "the hours end when they begin, at \(quoted(map["to"]?.written ?? ""))",
                hint: "leave them out if the whole day is meant",
                at: map["to"]?.place
            )
            return nil
        }
        return NoticePlan.DayHours(from: from, to: to, offset: map["offset"]?.minutes ?? 0)
    }

    private mutating func roles(_ values: [CheckedValue]) -> [NoticePlan.Role] {
        values.compactMap { value in
            guard let map = value.map, let name = map["name"], let text = name.text else { return nil }
            if let first = places["roles/\(text)"] {
                reportDuplicate("role", text, first: first, at: name.place)
                return nil
            }
            places["roles/\(text)"] = name.place
            refer(to: .channel, map["channels"]?.list ?? [], from: "role \(quoted(text))")
            return NoticePlan.Role(
                name: text,
                person: filled(map["person"]),
                deputy: filled(map["deputy"]),
                channels: texts(map["channels"]).map(ChannelName.init(rawValue:)),
                sources: sources(map)
            )
        }
    }

    private mutating func emergency(_ values: [CheckedValue]) -> [String] {
        values.compactMap { value in
            guard let name = value.text else { return nil }
            places["notices/emergency/\(name)"] = value.place
            return name
        }
    }

    /// A text with something in it.
    private func filled(_ value: CheckedValue?) -> String? {
        value?.text.flatMap { $0.trimmingBlanks().isEmpty ? nil : $0 }
    }

    private mutating func refuseEmpty(_ value: CheckedValue?, _ message: String, hint: String) {
        guard let value, value.isEmptyList else { return }
        problems.report("missing-key", message, hint: hint, at: value.place)
    }
}

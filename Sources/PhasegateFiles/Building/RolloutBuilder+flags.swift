import PhasegateCore

extension RolloutBuilder {
    /// Builds the flags.
    mutating func flags(_ map: CheckedMap?) -> [Rollout.Flag] {
        declared(.flag, in: map).map { key, flag in
            Rollout.Flag(
                key: FlagKey(rawValue: key),
                store: flag["store"]?.text ?? "",
                draw: draw(flag, key: key),
                sinks: sinks(flag, key: key),
                title: flag["title"]?.text ?? key,
                sources: sources(flag)
            )
        }
    }

    private mutating func draw(_ flag: CheckedMap, key: String) -> FlagDraw {
        let deny = keys(flag["deny"])
        let allow = keys(flag["allow"])
        for both in flag["allow"]?.list ?? [] where both.text.map(deny.contains) ?? false {
            problems.report(
                "bad-cohort",
                "\(quoted(both.written)) is both allowed and denied",
                hint: "remove it from one of the lists",
                at: both.place
            )
        }
        for name in ["salt", "bucket-by"] {
            guard let value = flag[name], let text = value.text, text.trimmingBlanks().isEmpty else { continue }
            problems.report("bad-cohort", "'\(name)' is empty", hint: "leave it out", at: value.place)
        }
        return FlagDraw(
            salt: flag["salt"]?.text ?? key,
            algorithm: flag["algorithm"]?.text.flatMap(FlagAlgorithm.init(rawValue:)) ?? .flagdV2,
            bucketBy: flag["bucket-by"]?.text ?? FlagDraw.targetingKey,
            cohort: cohort(flag, key: key),
            deny: deny,
            allow: allow
        )
    }

    private mutating func cohort(_ flag: CheckedMap, key: String) -> FlagCohort {
        guard flag["cohort"]?.text == "ranked" else {
            if let place = flag.place(of: "members") {
                problems.report(
                    "bad-cohort",
                    "flag \(quoted(key)) has members, and its cohort is not ranked",
                    hint: "write 'cohort: ranked', or leave the members out",
                    at: place
                )
            }
            return .percent
        }
        let members = keys(flag["members"])
        if members.isEmpty, !flag.has("members") || flag["members"] != nil {
            problems.report(
                "bad-cohort",
                "the ranked cohort of flag \(quoted(key)) has no members",
                hint: "list them under 'members'",
                at: flag["members"]?.place ?? flag["cohort"]?.place
            )
        }
        return .ranked(members)
    }

    /// The keys of a list; reports those that are empty or there twice.
    private mutating func keys(_ value: CheckedValue?) -> [String] {
        var seen: Set<String> = []
        return (value?.list ?? []).compactMap { member in
            guard let text = member.text else { return nil }
            guard !text.isEmpty, seen.insert(text).inserted else {
                problems.report(
                    "bad-cohort",
                    text.isEmpty ? "a key is empty" : "\(quoted(text)) is there twice",
                    hint: "remove it",
                    at: member.place
                )
                return nil
            }
            return text
        }
    }

    private mutating func sinks(_ flag: CheckedMap, key: String) -> [Rollout.Flag.Sink] {
        (flag["sinks"]?.list ?? []).compactMap { value in
            guard let sink = value.plugIn, let name = sink.map["name"], let text = name.text else { return nil }
            let path = "flags/\(key)/\(text)"
            if let first = places[path] {
                reportDuplicate("flag sink", text, first: first, at: name.place)
                return nil
            }
            places[path] = value.place
            refer(to: .target, sink.names(under: "target"), from: "flag sink \(quoted(text))")
            refuseSharedFile(sink.map["path"]?.text, at: value.place)
            return Rollout.Flag.Sink(name: text, kind: sink.kind, settings: sink.settings)
        }
    }

    /// A file is replaced as a whole: of two flags in it the first would be gone, and gone means the caller's default.
    private mutating func refuseSharedFile(_ path: String?, at place: Place) {
        guard let path else { return }
        if let first = places["flag-files/\(path)"] {
            problems.report(
                "shared-sink",
                "\(quoted(path)) is written by another flag sink already, on line \(first.line)",
                hint: "give each a file of its own",
                at: place
            )
        } else {
            places["flag-files/\(path)"] = place
        }
    }

    /// Reports what a sink would do otherwise than the flag says: draw other users, or round a share.
    mutating func checkSinks(of rollout: Rollout, kinds: [FlagSinkDeclaration]) {
        for flag in rollout.flags {
            for sink in flag.sinks {
                guard let kind = kinds.first(where: { $0.kind == sink.kind }) else { continue }
                let place = places["flags/\(flag.key)/\(sink.name)"]
                if let objection = kind.objection(flag.key, flag.draw) {
                    problems.report("sink-draws-differently", "flag sink \(quoted(sink.name)) \(objection)", at: place)
                }
                for phase in rollout.phases where phase.ramp?.flag == flag.key {
                    for share in phase.ramp?.steps ?? [] where !kind.represents(share, under: sink.settings) {
                        problems.report(
                            "share-rounded",
                            "flag sink \(quoted(sink.name)) would round a share of \(share)",
                            hint: "it knows multiples of \(kind.resolution(sink.settings))",
                            at: places["phases/\(phase.name)/ramp"] ?? place
                        )
                    }
                }
            }
        }
    }
}

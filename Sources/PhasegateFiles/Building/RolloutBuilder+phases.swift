import PhasegateCore

extension RolloutBuilder {
    mutating func phases(_ values: [CheckedValue]) -> [Phase] {
        // All names first: a criterion may refer to a phase further down.
        var phases: [Phase] = []
        for value in values {
            guard let map = value.map, let name = map["name"] else { continue }
            let text = name.text ?? ""
            guard declare(.phase, text, at: name.place) else { continue }
            phases.append(phase(map, named: text))
        }
        return phases
    }

    private mutating func phase(_ map: CheckedMap, named name: String) -> Phase {
        let user = "phase '\(name)'"
        refer(to: .phase, map["needs"]?.list ?? [], from: user)
        refer(to: .risk, map["risks"]?.list ?? [], from: user)
        for need in map["needs"]?.list ?? [] {
            if let needed = need.text { places["phases/\(name)/needs/\(needed)"] = need.place }
        }
        for part in ["change", "compensation", "ramp", "clock"] {
            if let place = map.place(of: part) { places["phases/\(name)/\(part)"] = place }
        }
        return Phase(
            name: PhaseName(rawValue: name),
            title: map["title"]?.text ?? name,
            sources: sources(map),
            needs: texts(map["needs"]).map(PhaseName.init(rawValue:)),
            window: window(map["window"]?.map),
            effort: map["effort"]?.text,
            reversibility: map["reversibility"]?.text.flatMap(Reversibility.init(rawValue:)) ?? .irreversible,
            risks: texts(map["risks"]).map(RiskID.init(rawValue:)),
            clock: clock(map["clock"]?.map),
            mitigations: (map["mitigations"]?.list ?? []).compactMap(\.map).map {
                Mitigation(text: $0["text"]?.text ?? "", sources: sources($0))
            },
            criteria: criteria(of: map, phase: name),
            change: migrations(map["change"]?.map, of: user),
            compensation: migrations(map["compensation"]?.map, of: user),
            ramp: ramp(map["ramp"]?.map, of: user),
            approvals: Int(map["approvals"]?.whole ?? 0)
        )
    }

    private func window(_ map: CheckedMap?) -> Window? {
        guard let from = map?["from"]?.text, let to = map?["to"]?.text else { return nil }
        return Window(from: from, to: to)
    }

    private mutating func clock(_ map: CheckedMap?) -> GateClock {
        var clock = GateClock()
        guard let map else { return clock }
        clock.delay = map["delay"]?.duration ?? clock.delay
        clock.interval = positive(map["interval"], "interval") ?? clock.interval
        clock.steady = map["steady"]?.duration ?? clock.steady
        clock.timeout = positive(map["timeout"], "timeout") ?? clock.timeout
        clock.onTimeout = map["on-timeout"]?.text.flatMap(GateClock.TimeoutAction.init(rawValue:)) ?? clock.onTimeout
        return clock
    }

    /// A duration that makes no sense as zero.
    mutating func positive(_ value: CheckedValue?, _ key: String) -> Duration? {
        guard let value, let duration = value.duration else { return nil }
        guard duration > .zero else {
            problems.report("bad-duration", "'\(key)' must be longer than nothing", at: value.place)
            return nil
        }
        return duration
    }

    private mutating func migrations(_ map: CheckedMap?, of user: String) -> MigrationSet? {
        guard let map else { return nil }
        refer(to: .target, [map["target"]].compactMap(\.self), from: user)
        let versions = (map["versions"]?.list ?? []).compactMap(\.whole).map { Int($0) }
        if let value = map["versions"], !isAscending(versions) || versions.isEmpty {
            problems.report(
                "bad-versions",
                versions.isEmpty ? "\(user) names no versions" : "the versions of \(user) are not ascending",
                hint: versions.isEmpty ? nil : "write \(Set(versions).sorted().prefix(12))",
                at: value.place
            )
        }
        return MigrationSet(
            directory: map["migrations"]?.text ?? "",
            versions: versions,
            target: TargetName(rawValue: map["target"]?.text ?? ""),
            backup: map["backup"]?.text.flatMap(BackupLevel.init(rawValue:)) ?? .content,
            deadline: positive(map["deadline"], "deadline") ?? .seconds(300)
        )
    }

    private func isAscending(_ numbers: [Int]) -> Bool { zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 } }
}

import PhasegateCore

extension RolloutBuilder {
    private static let roles: [String: Criterion.Role] = [
        "preconditions": .precondition, "guards": .guarding, "success": .success, "kill": .kill,
    ]

    /// The criteria of a phase, in the order of the file.
    mutating func criteria(of phase: CheckedMap, phase name: String) -> [Criterion] {
        var criteria: [Criterion] = []
        for key in phase.keys {
            guard let role = Self.roles[key.name] else { continue }
            for value in phase[key.name]?.list ?? [] {
                guard let map = value.map else { continue }
                criteria.append(criterion(map, role: role, phase: name, number: criteria.count + 1))
            }
        }
        return criteria
    }

    private mutating func criterion(
        _ map: CheckedMap,
        role: Criterion.Role,
        phase: String,
        number: Int
    ) -> Criterion {
        let name = map["name"]?.text
        let user = name.map { "criterion '\($0)'" } ?? "a criterion of phase '\(phase)'"
        if let name, let place = map["name"]?.place { placeCriterion(name, in: phase, at: place) }
        if let source = map["source"], sources(map).isEmpty {
            problems.report(
                "criterion-without-source",
                "\(user) names no source",
                hint: "name the item of the document that asks for it",
                at: source.place
            )
        }
        refer(to: .risk, map["risks"]?.list ?? [], from: user)
        refer(to: .phase, [map["baseline-of"]].compactMap(\.self), from: user)
        let probe = map["probe"]?.plugIn
        // A probe's setting that is a name and is called so is a reference, whatever the kind.
        for kind in [Reference.Kind.target, .workload, .flag] {
            refer(to: kind, probe?.names(under: kind.rawValue) ?? [], from: user)
        }
        let (bounds, strength) = conditions(of: map, user: user, output: probe?.output)
        return Criterion(
            name: CriterionName(rawValue: name ?? "unnamed-\(number)"),
            role: role,
            strength: strength,
            sources: sources(map),
            risks: texts(map["risks"]).map(RiskID.init(rawValue:)),
            probe: Criterion.ProbeSpec(
                kind: ProbeName(rawValue: probe?.kind ?? ""),
                settings: probe?.settings ?? .map([:])
            ),
            bounds: bounds,
            threshold: map["threshold"]?.text.map(ThresholdName.init(rawValue:)),
            baselineOf: map["baseline-of"]?.text.map(PhaseName.init(rawValue:)),
            comparison: map["compare"]?.text.flatMap(Criterion.Comparison.init(rawValue:)),
            confirm: Int(map["confirm"]?.whole ?? 1),
            minimumSamples: Int(map["samples"]?.whole ?? 0),
            validFor: positive(map["valid-for"], "valid-for") ?? .seconds(60),
            deadline: positive(map["deadline"], "deadline") ?? .seconds(60)
        )
    }

    private mutating func placeCriterion(_ name: String, in phase: String, at place: Place) {
        // Paths of criteria and of parts of the phase share a folder, so the names are kept apart here.
        let path = "phases/\(phase)/\(name)"
        if let first = criterionPlaces[path] {
            reportDuplicate("criterion", name, first: first, at: place)
        } else {
            criterionPlaces[path] = place
            places[path] = place
        }
    }

    /// The conditions of a criterion, its own or those of a threshold.
    private mutating func conditions(
        of map: CheckedMap,
        user: String,
        output: ProbeOutput?
    ) -> (Criterion.Bounds, Criterion.Strength) {
        let own = bounds(in: map)
        guard map.has("threshold") else {
            if !own.isStated {
                problems.report(
                    "criterion-without-bound",
                    "\(user) has no condition",
                    hint: "give it 'must', 'should', 'fail', 'warn' or a 'threshold'",
                    at: map["name"]?.place ?? map.place
                )
            }
            for key in RolloutGrammar.bounds {
                guard let value = map[key.name], let bound = value.bound, let said = output else { continue }
                // What is compared with a control is a ratio, whatever the probe measures.
                let output = map["compare"]?.text == "control" ? .number(.ratio, 0...1e9) : said
                problems.add(mismatches(of: bound, with: output, for: user, at: value.place))
            }
            return (own.bounds, own.strength)
        }
        if own.isStated {
            problems.report(
                "bound-beside-threshold",
                "\(user) has a threshold and conditions of its own",
                hint: "keep one of them",
                at: map.place(of: "threshold")
            )
        }
        guard let value = map["threshold"], let text = value.text else { return (own.bounds, own.strength) }
        refer(to: .threshold, [value], from: user)
        let name = ThresholdName(rawValue: text)
        guard let shared = thresholds.first(where: { $0.name == name }) else { return (own.bounds, own.strength) }
        if let output {
            for bound in shared.bounds.all {
                problems.add(mismatches(of: bound, with: output, for: user, at: value.place))
            }
        }
        return (shared.bounds, strengths[name] ?? .must)
    }

    /// The conditions that a map states itself.
    mutating func bounds(
        in map: CheckedMap
    ) -> (bounds: Criterion.Bounds, strength: Criterion.Strength, isStated: Bool) {
        if map.has("should"), let other = ["must", "fail"].first(where: map.has) {
            problems.report(
                "mixed-strength",
                "'should' stands beside '\(other)', and one criterion has one strength",
                hint: "state what is only desirable with 'warn', or in a criterion of its own",
                at: map.place(of: "should")
            )
        }
        let bounds = Criterion.Bounds(
            demand: map["must"]?.bound ?? map["should"]?.bound,
            failure: map["fail"]?.bound,
            warning: map["warn"]?.bound
        )
        let strength: Criterion.Strength = map.has("must") || map.has("fail") ? .must : .should
        return (bounds, strength, RolloutGrammar.bounds.contains { map.has($0.name) })
    }
}

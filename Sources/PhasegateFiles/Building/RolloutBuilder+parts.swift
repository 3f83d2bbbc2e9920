import PhasegateCore

extension RolloutBuilder {
    /// Declares every key of a map from names, its value right or not, and hands on the right ones.
    mutating func declared(_ kind: Reference.Kind, in map: CheckedMap?) -> [(name: String, map: CheckedMap)] {
        guard let map else { return [] }
        for key in map.keys { _ = declare(kind, key.name, at: key.place) }
        return map.members.compactMap { member in member.value.map.map { (member.name, $0) } }
    }

    mutating func components(_ map: CheckedMap?) -> [Rollout.Component] {
        declared(.component, in: map).map { name, component in
            refer(to: .phase, [component["provided-by"]].compactMap(\.self), from: "component '\(name)'")
            return Rollout.Component(
                name: name,
                text: component["text"]?.text ?? "",
                uses: texts(component["uses"]),
                providedBy: component["provided-by"]?.text.map(PhaseName.init(rawValue:)),
                sources: sources(component)
            )
        }
    }

    mutating func thresholds(_ map: CheckedMap?) -> [Rollout.Threshold] {
        declared(.threshold, in: map).map { text, threshold in
            let name = ThresholdName(rawValue: text)
            let stated = bounds(in: threshold)
            strengths[name] = stated.strength
            if !stated.isStated {
                problems.report(
                    "criterion-without-bound",
                    "threshold '\(text)' has no condition",
                    hint: "give it 'must', 'should', 'fail' or 'warn'",
                    at: places["thresholds/\(text)"]
                )
            }
            refer(to: .phase, [threshold["provided-by"]].compactMap(\.self), from: "threshold '\(text)'")
            return Rollout.Threshold(
                name: name,
                bounds: stated.bounds,
                providedBy: threshold["provided-by"]?.text.map(PhaseName.init(rawValue:)),
                sources: sources(threshold)
            )
        }
    }

    mutating func workloads(_ map: CheckedMap?) -> [Workload] {
        declared(.workload, in: map).map { name, workload in
            refer(to: .target, [workload["target"]].compactMap(\.self), from: "workload '\(name)'")
            let queries = workload["queries"]?.list ?? []
            if queries.isEmpty, let value = workload["queries"] {
                problems.report("missing-key", "workload '\(name)' has no queries", at: value.place)
            }
            return Workload(
                name: WorkloadName(rawValue: name),
                target: TargetName(rawValue: workload["target"]?.text ?? ""),
                queries: queries.compactMap { $0.map.map { query($0) } },
                concurrency: Int(workload["concurrency"]?.whole ?? 1),
                warmup: Int(workload["warmup"]?.whole ?? 20),
                samples: Int(workload["samples"]?.whole ?? 200),
                sources: sources(workload)
            )
        }
    }

    private mutating func query(_ map: CheckedMap) -> Workload.Query {
        var parameters: [String: Workload.Source] = [:]
        for (name, place, value) in map["parameters"]?.map?.members ?? [] {
            if let parameter = value.map { parameters[name] = source(of: parameter, named: name, at: place) }
        }
        return Workload.Query(
            sql: map["sql"]?.text ?? "",
            parameters: parameters,
            weight: Int(map["weight"]?.whole ?? 1)
        )
    }

    private mutating func source(of map: CheckedMap, named name: String, at place: Place) -> Workload.Source? {
        guard map.keys.count == 1 else {
            problems.report(
                "bad-parameter",
                "parameter '\(name)' needs exactly one of 'from', 'values' and 'range'",
                at: place
            )
            return nil
        }
        if let query = map["from"]?.text { return .query(query) }
        if let values = map["values"]?.list {
            guard values.isEmpty else { return .values(values.map(\.setting)) }
            problems.report("bad-parameter", "parameter '\(name)' has no values", at: place)
            return nil
        }
        guard let range = map["range"]?.list else { return nil }
        let numbers = range.compactMap(\.whole)
        guard numbers.count == 2, numbers[0] <= numbers[1] else {
            problems.report(
                "bad-parameter",
                "the range of parameter '\(name)' is not two whole numbers, the smaller one first",
                hint: "write 'range: [1, 1000]'",
                at: map["range"]?.place
            )
            return nil
        }
        return .range(numbers[0], numbers[1])
    }
}

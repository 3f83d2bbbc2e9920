import PhasegateCore

extension RolloutBuilder {
    /// Builds a decision between ways to go.
    mutating func strategy(_ file: CheckedMap) -> StrategyQuestion {
        let options = (file["options"]?.list ?? []).compactMap(\.map).map {
            StrategyQuestion.Option(name: $0["name"]?.text ?? "", title: $0["title"]?.text ?? "")
        }
        let levels = texts(file["levels"])
        let impacts = texts(file["impacts"])
        let names = options.map(\.name)
        for (key, words) in [("options", names), ("levels", levels), ("impacts", impacts)]
        where Set(words).count < words.count {
            problems.report("duplicate-name", "'\(key)' has a word twice", at: file.place(of: key))
        }
        if file.has("versions"), names.count < 2 {
            problems.report(
                "missing-key",
                "factors want two options to be compared",
                hint: "name them under 'options'",
                at: file.place(of: "versions")
            )
        }
        checkWord(file["declared"], among: names, of: "options")
        let question = StrategyQuestion(
            name: file["decision"]?.text ?? "",
            title: file["title"]?.text ?? "",
            sources: sources(file),
            options: options,
            levels: levels,
            impacts: impacts,
            declared: file["declared"]?.text,
            versions: (file["versions"]?.list ?? []).compactMap(\.map).map { version in
                StrategyQuestion.Version(
                    name: version["name"]?.text ?? "",
                    title: version["title"]?.text ?? "",
                    factors: (version["factors"]?.list ?? []).compactMap(\.map).map {
                        factor($0, options: names, levels: levels, impacts: impacts)
                    }
                )
            },
            staging: file["staging"]?.map.flatMap { staging($0) },
            variants: file["comparison"]?.map.flatMap { comparison($0) }
        )
        if question.versions.isEmpty, question.staging == nil, question.variants == nil {
            problems.report(
                "missing-key",
                "there is nothing to compare",
                hint: "write 'versions', 'staging' or 'comparison'",
                at: file.place
            )
        }
        return question
    }

    private mutating func factor(
        _ map: CheckedMap,
        options: [String],
        levels: [String],
        impacts: [String]
    ) -> StrategyQuestion.Factor {
        checkWord(map["impact"], among: impacts, of: "impacts")
        var found: [String: String] = [:]
        if let named = map["levels"]?.map {
            for option in options where !named.has(option) {
                problems.report(
                    "missing-key",
                    "factor \(quoted(map["name"]?.text ?? "")) does not say how bad '\(option)' is",
                    at: named.place
                )
            }
            for (option, place) in named.keys {
                guard options.contains(option) else {
                    problems.report(
                        "unknown-word",
                        "\(quoted(option)) is not one of the options",
                        hint: nearest(to: option, among: options).map { "did you mean '\($0)'?" },
                        at: place
                    )
                    continue
                }
                checkWord(named[option], among: levels, of: "levels")
                found[option] = named[option]?.text
            }
        }
        return StrategyQuestion.Factor(
            name: map["name"]?.text ?? "",
            impact: map["impact"]?.text ?? "",
            levels: found,
            sources: sources(map)
        )
    }

    private mutating func staging(_ map: CheckedMap) -> StagingModel? {
        let steps = (map["steps"]?.list ?? []).compactMap(\.number).map {
            BasisPoints(rawValue: Int(($0 * 100).rounded()))
        }
        if map["steps"] != nil, steps.last != .all || zip(steps, steps.dropFirst()).contains(where: { $0 >= $1 }) {
            problems.report(
                "bad-ramp",
                "the steps do not ascend to 100",
                hint: "write them as [5, 25, 100]",
                at: map.place(of: "steps")
            )
        }
        let classes = (map["classes"]?.list ?? []).compactMap(\.map).map {
            StagingModel.DefectClass(
                name: $0["name"]?.text ?? "",
                percent: $0["percent"]?.number ?? 0,
                onsetMinutes: ($0["onset"]?.duration ?? .zero).inMinutes,
                needsFullLoad: $0["under-full-load"]?.truth ?? false
            )
        }
        let total = classes.reduce(0) { $0 + $1.percent }
        if map["classes"] != nil, (total - 100).magnitude > 0.001 {
            problems.report(
                "bad-loss",
                "the kinds of defects make \(shortDecimal(total)) %, not 100",
                at: map.place(of: "classes")
            )
        }
        guard let perHour = spread("per-hour", of: map) else { return nil }
        return StagingModel(
            currency: map["currency"]?.text ?? "",
            perHour: perHour,
            stages: stages(map),
            operationsPerMinute: map["operations"]?.number ?? 1,
            visibility: (map["visibility"]?.number ?? 100) / 100,
            signs: Int(map["signs"]?.whole ?? 1),
            steps: steps,
            soakMinutes: (map["soak"]?.duration ?? .zero).inMinutes,
            classes: classes,
            defectPercent: map["defect"]?.number ?? 0,
            coordination: map["coordination"]?.number ?? 0,
            sources: sources(map)
        )
    }

    private mutating func comparison(_ map: CheckedMap) -> VariantComparison? {
        let perHour = spread("per-hour", of: map)
        let variants = (map["variants"]?.list ?? []).compactMap(\.map).compactMap { variant($0) }
        let names = variants.map(\.name)
        if Set(names).count < names.count {
            problems.report("duplicate-name", "two variants have the same name", at: map.place(of: "variants"))
        }
        var benchmarks: [VariantComparison.Benchmark] = []
        for benchmark in (map["benchmarks"]?.list ?? []).compactMap(\.map) {
            var values: [String: Quantity] = [:]
            for (name, place) in benchmark["values"]?.map?.keys ?? [] {
                guard names.contains(name) else {
                    problems.report("unknown-word", "\(quoted(name)) is not one of the variants", at: place)
                    continue
                }
                values[name] = benchmark["values"]?.map?[name]?.quantity
            }
            benchmarks.append(
                VariantComparison.Benchmark(
                    name: benchmark["name"]?.text ?? "",
                    values: values,
                    sources: sources(benchmark)
                )
            )
        }
        let targets = (map["reach"]?.list ?? []).compactMap(\.map).compactMap { target($0, benchmarks: benchmarks) }
        guard let perHour, !variants.isEmpty else { return nil }
        return VariantComparison(
            currency: map["currency"]?.text ?? "",
            perHour: perHour,
            variants: variants,
            benchmarks: benchmarks,
            targets: targets
        )
    }

    private mutating func variant(_ map: CheckedMap) -> VariantComparison.Variant? {
        guard let downtime = spread("downtime", of: map), let rollback = spread("rollback", of: map),
            let name = map["name"]?.text
        else { return nil }
        return VariantComparison.Variant(
            name: name,
            title: map["title"]?.text ?? name,
            cost: map["cost"]?.number ?? 0,
            migrationCost: map["migration-cost"]?.number ?? 0,
            benefit: map["benefit"]?.number ?? 0,
            downtime: downtime.scaled(by: 1.0 / 60),
            rollback: rollback.scaled(by: 1.0 / 60),
            failurePercent: map["failure"]?.number ?? 0,
            declaredReturn: map["return"]?.number,
            sources: sources(map)
        )
    }

    private mutating func target(
        _ map: CheckedMap,
        benchmarks: [VariantComparison.Benchmark]
    ) -> VariantComparison.Target? {
        guard let bound = map["must"]?.bound else { return nil }
        for value in map["benchmarks"]?.list ?? [] {
            checkWord(value, among: benchmarks.map(\.name), of: "benchmarks")
        }
        return VariantComparison.Target(
            title: map["title"]?.text ?? "",
            bound: bound,
            benchmarks: texts(map["benchmarks"]),
            sources: sources(map)
        )
    }
}

extension Spread {
    /// The same in another unit.
    fileprivate func scaled(by factor: Double) -> Spread {
        switch self {
        case .uniform(let low, let high): .uniform(from: low * factor, to: high * factor)
        case .triangular(let low, let likely, let high):
            .triangular(from: low * factor, likely: likely * factor, to: high * factor)
        case .lognormal(let low, let high): .lognormal(low: low * factor, high: high * factor)
        }
    }
}

import PhasegateCore

extension RolloutBuilder {
    /// Builds what it costs when risks become real.
    ///
    /// - Returns: nothing where a part of it that nothing works without was wrong, and has been reported.
    mutating func loss(_ map: CheckedMap, risks: [Risk]) -> LossModel? {
        let stated = Dictionary(risks.map { ($0.id, $0.declared.percent) }) { first, _ in first }
        let perHour = spread("per-hour", of: map)
        let outages = outages(map)
        for outage in outages where outage.percent == nil && (stated[outage.risk] ?? nil) == nil {
            // A risk that is not there is reported as such.
            guard stated[outage.risk] != nil, let place = map.place(of: "outages") else { continue }
            problems.report(
                "bad-loss",
                "risk \(outage.risk) has no probability to reckon with",
                hint: "give it 'percent' here or in the register",
                at: place
            )
        }
        var scenarios: [LossModel.Scenario] = []
        for value in map["scenarios"]?.list ?? [] {
            guard let scenario = value.map.flatMap({ self.scenario($0, after: scenarios, of: outages) }) else {
                continue
            }
            scenarios.append(scenario)
        }
        guard let perHour, !scenarios.isEmpty else { return nil }
        return LossModel(
            currency: map["currency"]?.text ?? "",
            perHour: perHour,
            stages: stages(map),
            outages: outages,
            scenarios: scenarios,
            tolerances: (map["tolerances"]?.list ?? []).compactMap(\.map).map {
                LossModel.Tolerance(loss: $0["loss"]?.number ?? 0, atMost: $0["at-most"]?.number ?? 0)
            },
            downtimeLimits: (map["downtime-limits"]?.list ?? []).compactMap(\.map).map { limit($0, of: outages) },
            sources: sources(map)
        )
    }

    private mutating func scenario(
        _ map: CheckedMap,
        after earlier: [LossModel.Scenario],
        of outages: [LossModel.Outage]
    ) -> LossModel.Scenario? {
        guard let value = map["name"], let name = value.text else { return nil }
        let names = earlier.map(\.name)
        if names.contains(name) {
            problems.report("duplicate-name", "two scenarios are called \(quoted(name))", at: value.place)
            return nil
        }
        if let like = map["like"], let base = like.text, !names.contains(base) {
            problems.report(
                "bad-loss",
                "scenario \(quoted(name)) is like \(quoted(base)), which does not come before it",
                hint: nearest(to: base, among: names).map { "did you mean '\($0)'?" },
                at: like.place
            )
        }
        let own = self.outages(map)
        for outage in own where !outages.contains(where: { $0.risk == outage.risk }) {
            guard let place = map.place(of: "outages") else { continue }
            problems.report(
                "bad-loss",
                "scenario \(quoted(name)) assumes something of \(outage.risk), which is no outage of the model",
                hint: "name it under the model's own 'outages' too",
                at: place
            )
        }
        return LossModel.Scenario(
            name: name,
            title: map["title"]?.text ?? name,
            like: map["like"]?.text,
            stages: stages(map),
            outages: own
        )
    }

    private mutating func outages(_ map: CheckedMap) -> [LossModel.Outage] {
        var found: [LossModel.Outage] = []
        for value in map["outages"]?.list ?? [] {
            guard let outage = value.map, let name = outage["risk"], let text = name.text else { continue }
            refer(to: .risk, [name], from: "the loss model")
            let risk = RiskID(rawValue: text)
            if found.contains(where: { $0.risk == risk }) {
                problems.report("duplicate-name", "risk \(quoted(text)) is there twice", at: name.place)
                continue
            }
            found.append(LossModel.Outage(risk, percent: outage["percent"]?.number, stages: stages(outage)))
        }
        return found
    }

    private mutating func limit(_ map: CheckedMap, of outages: [LossModel.Outage]) -> LossModel.DowntimeLimit {
        let risks = texts(map["risks"]).map(RiskID.init(rawValue:))
        for risk in risks where !outages.contains(where: { $0.risk == risk }) {
            guard let place = map.place(of: "risks") else { continue }
            problems.report(
                "bad-loss",
                "\(risk) is no outage of the model, so that it causes no downtime",
                hint: nearest(to: risk.rawValue, among: outages.map(\.risk.rawValue)).map { "did you mean '\($0)'?" },
                at: place
            )
        }
        return LossModel.DowntimeLimit(
            title: map["title"]?.text ?? "",
            minutes: (map["below"]?.duration ?? .zero).inMinutes,
            risks: risks,
            sources: sources(map)
        )
    }

    mutating func stages(_ map: CheckedMap) -> LossModel.Stages {
        LossModel.Stages(
            detect: spread("detect", of: map),
            respond: spread("respond", of: map),
            recover: spread("recover", of: map)
        )
    }

    mutating func spread(_ key: String, of map: CheckedMap) -> Spread? {
        guard let value = map[key] else { return nil }
        if let known = value.amount { return .exactly(known) }
        guard let range = value.map else { return nil }
        func amount(_ key: String) -> Double? { range[key]?.amount }
        let isExpert = range.has("p5") || range.has("p95")
        let spread: Spread?
        let complaint: String
        if isExpert, !range.has("from"), !range.has("to"), !range.has("likely") {
            complaint = "wants 'p5' above 0 and 'p95' above that"
            spread =
                if let low = amount("p5"), let high = amount("p95"), low > 0, high > low {
                    .lognormal(low: low, high: high)
                } else {
                    nil
                }
        } else if isExpert {
            complaint = "is a range with edges or one that an expert gives, not both"
            spread = nil
        } else {
            complaint = "wants 'from', and 'to' no lower, with 'likely' between them if there is one"
            spread =
                if let low = amount("from"), let high = amount("to"), low <= high {
                    if let likely = amount("likely") {
                        likely >= low && likely <= high ? .triangular(from: low, likely: likely, to: high) : nil
                    } else {
                        range.has("likely") ? nil : .uniform(from: low, to: high)
                    }
                } else {
                    nil
                }
        }
        if spread == nil { problems.report("bad-loss", "'\(key)' \(complaint)", at: value.place) }
        return spread
    }
}

extension CheckedValue {
    /// The number, or the minutes of a duration.
    var amount: Double? { number ?? duration?.inMinutes }
}

extension Duration {
    var inMinutes: Double { self / .seconds(60) }
}

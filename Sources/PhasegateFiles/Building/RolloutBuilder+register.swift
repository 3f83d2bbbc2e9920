import PhasegateCore

extension RolloutBuilder {
    mutating func register(_ map: CheckedMap) -> RiskRegister {
        places["grid"] = map.place(of: "grid")
        let grid = grid(map["grid"]?.map)
        let risks = (map["risks"]?.list ?? []).compactMap { value in value.map.flatMap { risk($0, grid: grid) } }
        let escalation = (map["escalation"]?.list ?? []).compactMap(\.map).enumerated().map { number, rule in
            places["escalation/\(number)"] = rule.place
            for decider in rule["deciders"]?.list ?? [] {
                if let name = decider.text { places["escalation/\(number)/\(name)"] = decider.place }
            }
            return self.rule(rule, grid: grid)
        }
        return RiskRegister(
            grid: grid ?? RiskRegister.empty.grid,
            risks: risks,
            escalation: escalation,
            loss: map["loss"]?.map.flatMap { loss($0, risks: risks) }
        )
    }

    private mutating func grid(_ map: CheckedMap?) -> RiskGrid? {
        guard let map else { return nil }
        let likelihoods = (map["likelihood"]?.list ?? []).compactMap(\.map).map {
            RiskGrid.Likelihood(
                word: $0["word"]?.text ?? "",
                from: $0["from"]?.number ?? 0,
                to: $0["to"]?.number ?? 0
            )
        }
        let impacts = texts(map["impact"])
        let levels = texts(map["levels"])
        checkCells(map, rows: likelihoods.count, columns: impacts.count, levels: levels)
        for (key, words) in [("likelihood", likelihoods.map(\.word)), ("impact", impacts), ("levels", levels)] {
            guard Set(words).count < words.count, let place = map.place(of: key) else { continue }
            problems.report("duplicate-name", "'\(key)' has a word twice", at: place)
        }
        return RiskGrid(
            id: map["id"]?.text ?? "",
            version: Int(map["version"]?.whole ?? 0),
            likelihoods: likelihoods,
            impacts: impacts,
            levels: levels,
            cells: (map["cells"]?.list ?? []).map { texts($0) }
        )
    }

    private mutating func checkCells(_ map: CheckedMap, rows: Int, columns: Int, levels: [String]) {
        guard let cells = map["cells"] else { return }
        // A row or word that was wrong already is missing from the lists, and would be reported twice.
        if map["likelihood"] != nil, cells.list.count != rows {
            problems.report(
                "grid-size",
                "the grid has \(cells.list.count) rows, but likelihood has \(rows) words",
                at: cells.place
            )
        }
        for (number, row) in cells.list.enumerated() {
            if map["impact"] != nil, row.list.count != columns {
                problems.report(
                    "grid-size",
                    "row \(number + 1) of the grid has \(row.list.count) cells, but impact has \(columns) words",
                    at: row.place
                )
            }
            guard map["levels"] != nil else { continue }
            for cell in row.list { checkWord(cell, among: levels, of: "levels") }
        }
    }

    private mutating func risk(_ map: CheckedMap, grid: RiskGrid?) -> Risk? {
        guard let value = map["id"], let id = value.text, declare(.risk, id, at: value.place) else { return nil }
        if let grid {
            checkWord(map["likelihood"], among: grid.likelihoods.map(\.word), of: "likelihood")
            checkWord(map["impact"], among: grid.impacts, of: "impact")
            checkWord(map["level"], among: grid.levels, of: "levels")
        }
        return Risk(
            id: RiskID(rawValue: id),
            title: map["title"]?.text ?? id,
            sources: sources(map),
            declared: Risk.Declared(
                likelihood: map["likelihood"]?.text ?? "",
                percent: map["percent"]?.number,
                impact: map["impact"]?.text ?? "",
                level: map["level"]?.text,
                priority: map["priority"]?.text
            ),
            inherent: position("inherent", of: map, id: id, grid: grid),
            target: position("target", of: map, id: id, grid: grid),
            isStanding: map["standing"]?.truth ?? false,
            owner: map["owner"]?.text,
            actions: texts(map["actions"]),
            channel: map["channel"]?.text
        )
    }

    private mutating func position(_ key: String, of risk: CheckedMap, id: String, grid: RiskGrid?) -> Risk.Position? {
        guard let map = risk[key]?.map else { return nil }
        places["risks/\(id)/\(key)"] = risk.place(of: key)
        if let grid {
            checkWord(map["likelihood"], among: grid.likelihoods.map(\.word), of: "likelihood")
            checkWord(map["impact"], among: grid.impacts, of: "impact")
        }
        guard let likelihood = map["likelihood"]?.text, let impact = map["impact"]?.text else { return nil }
        return Risk.Position(likelihood: likelihood, impact: impact)
    }

    private mutating func rule(_ map: CheckedMap, grid: RiskGrid?) -> EscalationRule {
        if let grid { checkWord(map["level"], among: grid.levels, of: "levels") }
        let from = map["from"]?.duration ?? .zero
        let to = map["to"]?.duration ?? from
        if map["from"] != nil, map["to"] != nil, to <= from {
            problems.report("bad-duration", "the window ends before it begins", at: map["to"]?.place)
        }
        return EscalationRule(
            level: map["level"]?.text ?? "",
            from: from,
            to: to,
            deciders: texts(map["deciders"]),
            audience: map["audience"]?.text ?? "",
            sources: sources(map)
        )
    }

    /// Reports a word that is not on a scale.
    mutating func checkWord(_ value: CheckedValue?, among words: [String], of key: String) {
        guard let value, let word = value.text, !words.contains(word), !problems.isFull else { return }
        problems.report(
            "unknown-word",
            "\(quoted(word)) is none of the words of '\(key)'",
            hint: nearest(to: word, among: words).map { "did you mean '\($0)'?" }
                ?? "the words are \(words.joined(separator: ", "))",
            at: value.place
        )
    }
}

import PhasegateCore

/// Holds the tree of a file against a shape and reports every difference.
struct ShapeChecker {
    /// The kinds of probes, channels and flag sinks there are.
    let plugIns: PlugIns
    /// Names of rules at certain keys.
    let rules: RuleNames
    /// What is wrong so far.
    var problems = ProblemList()

    /// Prepares a checker.
    init(plugIns: PlugIns, rules: RuleNames) {
        self.plugIns = plugIns
        self.rules = rules
    }

    /// Checks a part of the file.
    ///
    /// - Parameters:
    ///   - node: the part.
    ///   - shape: what it may look like.
    ///   - key: the key it stands under.
    /// - Returns: the value, without the members that are wrong; nothing when it is wrong as a whole.
    mutating func check(_ node: FileNode, against shape: Shape, under key: String) -> CheckedValue? {
        if node.isNull {
            problems.report(
                "wrong-type",
                "\(quoted(key)) has no value",
                hint: "write \(shape.sentence), or leave the key out",
                at: node.place
            )
            return nil
        }
        switch shape {
        case .list(let element, let orOne):
            return checkList(node, of: element, orOne: orOne, under: key)
        case .map(let keys):
            return checkMap(node, keys: keys, under: key).map { value(node, .map($0)) }
        case .named(let element):
            return checkNamed(node, of: element, under: key).map { value(node, .map($0)) }
        case .either(let first, let second):
            return checkEither(node, first, second, under: key)
        case .probe:
            return checkPlugIn(node, of: plugIns.probes, shape, under: key)
        case .channel:
            return checkPlugIn(node, of: plugIns.channels, shape, under: key)
        case .sink:
            return checkPlugIn(node, of: plugIns.sinks, shape, under: key)
        case .source:
            return checkPlugIn(node, of: plugIns.sources, shape, under: key)
        case .text, .name, .whole, .number, .truth, .duration, .quantity, .bound, .moment, .timeOfDay, .utcOffset,
            .oneOf, .scalar:
            guard case .scalar(let scalar) = node.content else {
                reportType(of: node, shape, under: key)
                return nil
            }
            return checkScalar(scalar, at: node.place, against: shape, under: key)
        }
    }

    /// Reports that a part of the file is of another kind.
    mutating func reportType(of node: FileNode, _ shape: Shape, under key: String, hint: String? = nil) {
        let found =
            switch node.content {
            case .scalar(let scalar): quoted(scalar.text)
            case .list: "a list"
            case .map: "a map"
            }
        problems.report(
            "wrong-type",
            "\(quoted(key)) must be \(shape.sentence), not \(found)",
            hint: hint,
            at: node.place
        )
    }

    /// A value without a text of its own.
    func value(_ node: FileNode, _ content: CheckedValue.Content) -> CheckedValue {
        CheckedValue(place: node.place, written: "", content: content)
    }

    private mutating func checkList(
        _ node: FileNode,
        of element: Shape,
        orOne: Bool,
        under key: String
    ) -> CheckedValue? {
        guard case .list(let members) = node.content else {
            guard orOne else {
                reportType(of: node, .list(element, orOne: orOne), under: key, hint: "put it in '[ ]' or after '- '")
                return nil
            }
            return check(node, against: element, under: key).map { value(node, .list([$0])) }
        }
        return value(node, .list(members.compactMap { check($0, against: element, under: key) }))
    }

    /// Checks a map with known keys.
    mutating func checkMap(_ node: FileNode, keys: [Shape.Key], under key: String) -> CheckedMap? {
        guard case .map(let members) = node.content else {
            reportType(of: node, .map(keys), under: key)
            return nil
        }
        var map = CheckedMap(place: node.place)
        for member in members where isNew(member, in: &map) {
            guard let known = keys.first(where: { $0.name == member.key }) else {
                // Looking for the nearest word is dear, and a full list takes no more.
                guard !problems.isFull else { continue }
                let right = nearest(to: member.key, among: keys.map(\.name))
                let all = keys.map(\.name).joined(separator: ", ")
                problems.report(
                    "unknown-key",
                    "there is no key \(quoted(member.key)) in \(quoted(key))",
                    hint: right.map { "did you mean '\($0)'?" } ?? "the keys are \(all)",
                    at: member.keyPlace
                )
                continue
            }
            let value = check(member.value, against: known.shape, under: member.key)
            map.values[member.key] = value
            if case .name = known.shape, let value { map.names.append((member.key, value)) }
        }
        for missing in keys where missing.isRequired && !map.has(missing.name) {
            problems.report(
                rules.missing[missing.name] ?? "missing-key",
                "\(quoted(key)) has no '\(missing.name)'",
                hint: "'\(missing.name)' is \(missing.shape.sentence): \(missing.summary)",
                at: node.place
            )
        }
        return map
    }

    private mutating func checkNamed(_ node: FileNode, of element: Shape, under key: String) -> CheckedMap? {
        guard case .map(let members) = node.content else {
            reportType(of: node, .named(element), under: key)
            return nil
        }
        var map = CheckedMap(place: node.place)
        for member in members where isNew(member, in: &map) {
            guard isName(member.key) else {
                reportName(member.key, at: member.keyPlace)
                continue
            }
            map.values[member.key] = check(member.value, against: element, under: member.key)
        }
        return map
    }

    /// Notes a key, or reports that it is there already.
    private mutating func isNew(_ member: FileNode.Member, in map: inout CheckedMap) -> Bool {
        guard let first = map.place(of: member.key) else {
            map.append(member.key, at: member.keyPlace)
            return true
        }
        problems.report(
            "duplicate-key",
            "\(quoted(member.key)) is written twice, first on line \(first.line)",
            hint: "remove one of them",
            at: member.keyPlace
        )
        return false
    }

    private mutating func checkEither(
        _ node: FileNode,
        _ first: Shape,
        _ second: Shape,
        under key: String
    ) -> CheckedValue? {
        guard first.accepts(node) else {
            guard second.accepts(node) else {
                reportType(of: node, .either(first, second), under: key)
                return nil
            }
            return check(node, against: second, under: key)
        }
        guard second.accepts(node) else { return check(node, against: first, under: key) }
        var attempt = ShapeChecker(plugIns: plugIns, rules: rules)
        if let value = attempt.check(node, against: first, under: key), attempt.problems.all.isEmpty { return value }
        return check(node, against: second, under: key)
    }
}

extension Shape {
    /// Whether a node is of the kind this shape asks for.
    func accepts(_ node: FileNode) -> Bool {
        switch (self, node.content) {
        case (.either(let first, let second), _): first.accepts(node) || second.accepts(node)
        case (.list(let element, let orOne), .scalar), (.list(let element, let orOne), .map):
            orOne && element.accepts(node)
        case (.list, .list), (.map, .map), (.named, .map), (.probe, .map), (.channel, .map), (.sink, .map),
            (.source, .map):
            true
        case (.map, _), (.named, _), (.probe, _), (.channel, _), (.sink, _), (.source, _): false
        case (_, .scalar): true
        case (_, .list), (_, .map): false
        }
    }
}

import PhasegateCore

extension ShapeChecker {
    /// Checks a map whose `kind` chooses its shape.
    ///
    /// - Returns: what every kind has, also where the kind is unknown, so that what is named here counts as declared;
    ///   nothing when it is no map.
    mutating func checkPlugIn(
        _ node: FileNode,
        of family: PlugIns.Family,
        _ shape: Shape,
        under key: String
    ) -> CheckedValue? {
        guard case .map = node.content else {
            reportType(of: node, shape, under: key)
            return nil
        }
        guard let kind = kind(of: node, family, under: key) else {
            let written = node.member("kind").flatMap {
                if case .scalar(let scalar) = $0.content { scalar.text } else { nil }
            }
            return value(
                node,
                .plugIn(plugIn(written ?? "", commonPart(of: node, family), family))
            )
        }
        let before = problems.all.count
        guard let map = checkMap(node, keys: family.commonKeys + kind.settings, under: kind.name) else { return nil }
        var output: ProbeOutput?
        // A plug-in says nothing sensible about settings that are wrong already.
        if problems.all.count == before {
            do {
                output = try kind.output(plugIn(kind.name, map, family).settings)
            } catch {
                problems.add([error.placed(at: node.place)])
            }
        }
        return value(node, .plugIn(plugIn(kind.name, map, family, output)))
    }

    /// The kind that is meant; reported when there is none.
    private mutating func kind(of node: FileNode, _ family: PlugIns.Family, under key: String) -> PlugIns.Kind? {
        let names = family.kinds.map(\.name)
        let all = "the kinds are \(names.joined(separator: ", "))"
        guard let kindNode = node.member("kind") else {
            problems.report("missing-key", "\(quoted(key)) has no 'kind'", hint: all, at: node.place)
            return nil
        }
        guard let kind = check(kindNode, against: .name, under: "kind")?.text else { return nil }
        if let known = family.kinds.first(where: { $0.name == kind }) { return known }
        problems.report(
            family.unknownKindRule,
            "there is no \(family.word) of the kind \(quoted(kind))",
            hint: nearest(to: kind, among: names).map { "did you mean '\($0)'?" } ?? all,
            at: kindNode.place
        )
        return nil
    }

    /// The keys of every kind; the others cannot be told right from wrong.
    private mutating func commonPart(of node: FileNode, _ family: PlugIns.Family) -> CheckedMap {
        var map = CheckedMap(place: node.place)
        guard case .map(let members) = node.content else { return map }
        for key in family.commonKeys where key.name != "kind" {
            guard let member = members.first(where: { $0.key == key.name }) else { continue }
            map.append(member.key, at: member.keyPlace)
            map.values[member.key] = check(member.value, against: key.shape, under: member.key)
        }
        return map
    }

    private func plugIn(
        _ kind: String,
        _ map: CheckedMap,
        _ family: PlugIns.Family,
        _ output: ProbeOutput? = nil
    ) -> CheckedPlugIn {
        CheckedPlugIn(kind: kind, map: map, commonKeys: Set(family.commonKeys.map(\.name)), output: output)
    }
}

import PhasegateCore

/// A flag file of GO Feature Flag, in JSON.
///
/// Its percentages have a hash of their own, so in percent mode it exposes as
/// many users as the store and not the same ones; a ranked cohort is the same.
/// It gives lots to the variants in reverse alphabetical order: `on` comes
/// before `off`, so a growing share keeps its users. Percentages always sum to
/// 100, because the sum is part of the draw.
struct GOFeatureFlagFileSink: FlagFileSinkKind {
    static let declaration = FlagSinkDeclaration(
        kind: "gofeatureflag-file",
        summary: "Writes a flag file of GO Feature Flag; in percent mode it draws by a hash of its own.",
        settings: [
            Shape.Key("path", .text, required: true, "The file, of this flag alone, relative to the workspace."),
            Shape.Key(
                "poll",
                .duration,
                "How long applications take to notice, relay and provider together; 3 min unless said otherwise."
            ),
        ],
        resolution: BasisPoints(rawValue: 1),
        check: { settings throws(Diagnostic) in try FollowedFile.check(settings) },
        objection: { key, draw in
            if draw.cohort == .percent, draw.salt != key.rawValue {
                return "cannot draw by another salt than the flag's key (use 'cohort: ranked')"
            }
            let isPlain = draw.bucketBy.utf8.allSatisfy { byte in
                byte == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
            }
            return isPlain ? nil : "cannot ask for an attribute of that name: letters and '_' only"
        }
    )
    static let missingKey = "The caller's own default."

    let followed: FollowedFile

    init(_ sink: Rollout.Flag.Sink, of flag: FlagKey, in context: FlagSinkContext) throws(Diagnostic) {
        followed = try FollowedFile(sink, in: context, poll: .seconds(180))
    }

    func content(for rule: FlagRule) -> String {
        var flag: [String: SinkJSON] = [
            "variations": .map(["on": .truth(true), "off": .truth(false)]),
            "defaultRule": .map(defaultRule(of: rule)),
            "metadata": .map(["sharePercent": .number(rule.share.percent)]),
        ]
        let rules = targeting(of: rule)
        if !rules.isEmpty { flag["targeting"] = .list(rules) }
        if rule.share != .none, rule.draw.bucketBy != FlagDraw.targetingKey {
            flag["bucketingKey"] = .text(rule.draw.bucketBy)
        }
        return SinkJSON.map([rule.key.rawValue: .map(flag)]).lines
    }

    private func defaultRule(of rule: FlagRule) -> [String: SinkJSON] {
        let name = SinkJSON.text("default")
        if rule.share == .all { return ["name": name, "variation": .text("on")] }
        guard rule.share != .none, rule.draw.cohort == .percent else {
            return ["name": name, "variation": .text("off")]
        }
        let rest = BasisPoints(rawValue: BasisPoints.all.rawValue - rule.share.rawValue)
        return [
            "name": name,
            "percentage": .map(["on": .number(rule.share.percent), "off": .number(rest.percent)]),
        ]
    }

    private func targeting(of rule: FlagRule) -> [SinkJSON] {
        guard rule.share != .none else { return [] }
        let lists = [("denied", rule.draw.deny, "off"), ("named", rule.namedKeys, "on")]
        return lists.compactMap { name, keys, variation in
            guard !keys.isEmpty else { return nil }
            let list = keys.map(quoted).joined(separator: ", ")
            return .map([
                "name": .text(name),
                "query": .text("\(rule.draw.bucketBy) in [\(list)]"),
                "variation": .text(variation),
            ])
        }
    }

    private func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { result.unicodeScalars.append("\\") }
            result.unicodeScalars.append(scalar)
        }
        return result + "\""
    }
}

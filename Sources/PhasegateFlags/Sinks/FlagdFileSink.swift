import FoundationEssentials
import PhasegateCore

/// A definition file of flagd, for its daemon and its providers in file mode.
///
/// Nobody and everybody are plain default variants, exact in every generation.
/// In between, a guard keeps those without a key out of the hash, and the
/// exposed variant stands first: flagd takes the first whose end lies above
/// the lot, which is our rule. The safe variant is always named, because a
/// disabled flag hands out whatever the caller has as a default.
struct FlagdFileSink: FlagFileSinkKind {
    static let declaration = FlagSinkDeclaration(
        kind: "flagd-file",
        summary: "Writes a definition file of flagd, for its daemon and its providers in file mode.",
        settings: [
            Shape.Key("path", .text, required: true, "The file, of this flag alone, relative to the workspace."),
            Shape.Key("poll", .duration, "How long applications take to notice; 5 s unless said otherwise."),
        ],
        resolution: BasisPoints(rawValue: 1),
        check: { settings throws(Diagnostic) in try FollowedFile.check(settings) },
        objection: { key, draw in
            guard draw.algorithm == .flagdV3, draw.cohort == .percent,
                draw.salt != key.rawValue || draw.bucketBy != FlagDraw.targetingKey
            else { return nil }
            return "cannot draw by another salt or key: flagd's third generation hashes no pair but the flag's key "
                + "and the targeting key (use 'cohort: ranked', or an older algorithm)"
        }
    )
    static let missingKey = "The safe variant, except with everybody."

    let followed: FollowedFile

    init(_ sink: Rollout.Flag.Sink, of flag: FlagKey, in context: FlagSinkContext) throws(Diagnostic) {
        followed = try FollowedFile(sink, in: context, poll: .seconds(5))
    }

    func content(for rule: FlagRule) -> String {
        var flag: [String: SinkJSON] = [
            "state": .text("ENABLED"),
            "variants": .map(["on": .truth(true), "off": .truth(false)]),
            "defaultVariant": .text(rule.share == .all ? "on" : "off"),
            "metadata": .map(["sharePercent": .number(rule.share.percent)]),
        ]
        flag["targeting"] = targeting(of: rule)
        return SinkJSON.map([
            "$schema": .text("https://flagd.dev/schema/v0/flags.json"),
            "flags": .map([rule.key.rawValue: .map(flag)]),
        ]).lines
    }

    private func targeting(of rule: FlagRule) -> SinkJSON? {
        guard rule.share != .none else { return nil }
        let value = SinkJSON.map(["var": .text(rule.draw.bucketBy)])
        let denied = rule.draw.deny.isEmpty ? [] : [isOne(value, of: rule.draw.deny), .text("off")]
        if rule.share == .all { return denied.isEmpty ? nil : .map(["if": .list(denied + [.text("on")])]) }
        var branches = [.map(["!": .list([value])]), .text("off")] + denied
        if !rule.namedKeys.isEmpty { branches += [isOne(value, of: rule.namedKeys), .text("on")] }
        switch rule.draw.cohort {
        case .ranked: branches.append(.text("off"))
        case .percent: branches.append(fractional(of: rule, by: value))
        }
        return .map(["if": .list(branches)])
    }

    private func fractional(of rule: FlagRule, by value: SinkJSON) -> SinkJSON {
        let isPlain = rule.draw.salt == rule.key.rawValue && rule.draw.bucketBy == FlagDraw.targetingKey
        let shares: [SinkJSON] = [
            .list([.text("on"), .whole(rule.share.rawValue)]),
            .list([.text("off"), .whole(BasisPoints.all.rawValue - rule.share.rawValue)]),
        ]
        // Without a first element flagd hashes the flag's key and the targeting key, each generation in its way.
        let salted = SinkJSON.map(["cat": .list([.text(rule.draw.salt), value])])
        return .map(["fractional": .list((isPlain ? [] : [salted]) + shares)])
    }

    private func isOne(_ value: SinkJSON, of keys: [String]) -> SinkJSON {
        .map(["in": .list([value, .list(keys.map(SinkJSON.text))])])
    }
}

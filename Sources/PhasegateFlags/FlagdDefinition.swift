public import PhasegateCore

/// Flags as flagd's definitions say them, the same bytes for the same rules.
///
/// Nobody and everybody are plain default variants, exact in every generation.
/// In between, a guard keeps those without a key out of the hash, and the
/// exposed variant stands first: flagd takes the first whose end lies above
/// the lot, which is our rule. The safe variant is always named, because a
/// disabled flag hands out whatever the caller has as a default.
public enum FlagdDefinition {
    /// The definition of some flags, each once.
    ///
    /// A flag whose draw flagd cannot repeat is at nobody between nobody and everybody: others would be in.
    public static func text(for rules: [FlagRule]) -> String {
        let flags = rules.map { ($0.key.rawValue, SinkJSON.map(flag(for: drawable($0)))) }
        return SinkJSON.map([
            "$schema": .text("https://flagd.dev/schema/v0/flags.json"),
            "flags": .map(Dictionary(flags) { first, _ in first }),
        ]).lines
    }

    /// Whether flagd exposes the users that a draw names, at every share.
    public static func canDraw(_ key: FlagKey, by draw: FlagDraw) -> Bool {
        draw.algorithm != .flagdV3 || draw.cohort != .percent
            || (draw.salt == key.rawValue && draw.bucketBy == FlagDraw.targetingKey)
    }

    private static func drawable(_ rule: FlagRule) -> FlagRule {
        canDraw(rule.key, by: rule.draw) || rule.share == .all
            ? rule : FlagRule(key: rule.key, draw: rule.draw, share: .none)
    }

    private static func flag(for rule: FlagRule) -> [String: SinkJSON] {
        var flag: [String: SinkJSON] = [
            "state": .text("ENABLED"),
            "variants": .map(["on": .truth(true), "off": .truth(false)]),
            "defaultVariant": .text(rule.share == .all ? "on" : "off"),
            "metadata": .map(["sharePercent": .number(rule.share.percent)]),
        ]
        flag["targeting"] = targeting(of: rule)
        return flag
    }

    private static func targeting(of rule: FlagRule) -> SinkJSON? {
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

    private static func fractional(of rule: FlagRule, by value: SinkJSON) -> SinkJSON {
        let isPlain = rule.draw.salt == rule.key.rawValue && rule.draw.bucketBy == FlagDraw.targetingKey
        let shares: [SinkJSON] = [
            .list([.text("on"), .whole(rule.share.rawValue)]),
            .list([.text("off"), .whole(BasisPoints.all.rawValue - rule.share.rawValue)]),
        ]
        // Without a first element flagd hashes the flag's key and the targeting key, each generation in its way.
        let salted = SinkJSON.map(["cat": .list([.text(rule.draw.salt), value])])
        return .map(["fractional": .list((isPlain ? [] : [salted]) + shares)])
    }

    private static func isOne(_ value: SinkJSON, of keys: [String]) -> SinkJSON {
        .map(["in": .list([value, .list(keys.map(SinkJSON.text))])])
    }
}

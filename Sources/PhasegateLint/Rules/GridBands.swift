public import PhasegateCore

/// Every probability must stand for exactly one likelihood word.
public struct GridBands: LintRule {
    /// The rule's name.
    public static let name = "grid-bands"

    /// Makes the rule.
    public init() {}

    /// Finds gaps, overlaps and empty bands.
    public func findings(in rollout: Rollout, places: [String: Place]) -> [Diagnostic] {
        let bands = rollout.register.grid.likelihoods
        guard let first = bands.first, let last = bands.last else { return [] }
        var problems = bands.filter { $0.from >= $0.to }.map { "the band of '\($0.word)' ends before it begins" }
        if first.from > 0 { problems.append("nothing stands for less than \(shortDecimal(first.from)) %") }
        for (lower, upper) in zip(bands, bands.dropFirst()) where lower.to != upper.from {
            problems.append(
                lower.to < upper.from
                    ? "nothing stands for \(shortDecimal(lower.to)) % to \(shortDecimal(upper.from)) %"
                    : "'\(lower.word)' and '\(upper.word)' overlap"
            )
        }
        if last.to < 100 { problems.append("nothing stands for \(shortDecimal(last.to)) % and more") }
        return problems.map {
            Diagnostic(
                .warning,
                rule: Self.name,
                "the likelihood bands leave a doubt: \($0)",
                hint: "let each band begin where the one before it ends, from 0 to 100",
                at: places["grid"]
            )
        }
    }
}

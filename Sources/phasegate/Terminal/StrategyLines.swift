import PhasegateCore
import PhasegateRisk

/// A comparison of strategies for a terminal of 80 columns.
struct StrategyLines {
    private let comparison: StrategyComparison
    private let question: StrategyQuestion

    init(_ comparison: StrategyComparison, of question: StrategyQuestion) {
        self.comparison = comparison
        self.question = question
    }

    /// All of it.
    var lines: [String] {
        let parts = [factors, staging, variants].filter { !$0.isEmpty }
        return [Terminal.standard.styled(harmless(question.title), .strong)] + parts.flatMap { [""] + $0 }
    }

    // MARK: Factors

    private var factors: [String] {
        comparison.contests.flatMap { contest in
            ["\(title(of: contest.favoured)), as against \(title(of: contest.other))"]
                + contest.verdicts.flatMap { verdict in lines(of: verdict, contest) }
        } + agreement
    }

    private func lines(of verdict: FactorVerdict, _ contest: StrategyComparison.Contest) -> [String] {
        let version = question.versions.first { $0.name == verdict.version }
        var lines = [
            "  by \(harmless(version?.title ?? verdict.version))",
            "    score         \(rounded(verdict.favouredScore)) against \(rounded(verdict.otherScore)), of 1 to"
                + " \(question.levels.count), lower is better",
            verdict.dominates
                ? "    dominance     wins under every scale and weighting that keeps the order"
                : "    dominance     none: it depends on scale and weights",
        ]
        if let flip = verdict.flipWeight {
            lines.append("    to turn it    its drawbacks would have to weigh \(shortDecimal(flip)) times what they do")
            lines.append("                  (\(verdict.drawbacks.map(harmless).joined(separator: ", ")))")
        } else {
            lines.append("    drawbacks     none")
        }
        if !verdict.decisive.isEmpty {
            lines.append("    rests on      \(verdict.decisive.map(harmless).joined(separator: ", "))")
        }
        lines.append("    any weights   wins with \(percentage(verdict.shareOfWeightings)) of them")
        return lines
    }

    private var agreement: [String] {
        switch comparison.disagrees {
        case nil: []
        case true?:
            [
                Terminal.standard.styled(
                    "  ! the document recommends \(comparison.declared ?? ""); the factors do not",
                    .bad
                )
            ]
        case false?: [Terminal.standard.styled("  ✓ as the document recommends", .good)]
        }
    }

    private func title(of option: String) -> String {
        harmless(question.options.first { $0.name == option }?.title ?? option)
    }

    // MARK: Staging

    private var staging: [String] {
        guard let verdict = comparison.staging, let model = question.staging else { return [] }
        let currency = harmless(model.currency)
        var lines = [
            "What a defect costs: all users at once, or step by step"
        ]
        lines += verdict.classes.map { kind in
            "    \(column(harmless(kind.name), 22)) \(column("\(shortDecimal(kind.percent)) %", 6))"
                + " \(wholeNumber(kind.allAtOnce)) against \(wholeNumber(kind.staged)) \(currency)"
        }
        lines.append(
            "    all of them: \(wholeNumber(verdict.allAtOnce)) against \(wholeNumber(verdict.staged)) \(currency)"
        )
        lines.append(
            "  with a defect in \(shortDecimal(model.defectPercent)) % of the changes each change"
                + (verdict.favoursStaging ? " saves " : " costs ")
                + "\(wholeNumber(verdict.saving.magnitude)) \(currency) by steps"
        )
        if let delay = verdict.breakEvenDelay, verdict.favoursStaging {
            lines.append(
                "  steps take \(shortDecimal(verdict.addedHours)) h longer: they pay while an hour of delay costs less"
                    + " than \(shortDecimal((delay * 100).rounded() / 100)) \(currency)"
            )
        }
        for soak in verdict.soaks {
            lines.append(
                "  \(soak.isLongEnough ? "✓" : "✗") a step at \(soak.share) wants"
                    + " \(shortDecimal((soak.minutes * 10).rounded() / 10)) min to notice a defect with 95 %;"
                    + " planned are \(shortDecimal(model.soakMinutes)) min"
            )
        }
        return lines
    }

    // MARK: Variants

    private var variants: [String] {
        guard let model = question.variants else { return [] }
        let currency = harmless(model.currency)
        var lines = [
            "Variants: what is left after costs, downtime and failures",
            "  \(column("", 6)) \(column("ROI stated", 11)) \(column("ROI adjusted", 13)) \(column("net", 12))"
                + " \(column("5 % below", 12)) \(column("loses", 8)) an hour may cost",
        ]
        lines += comparison.variants.map { variant in
            "  \(column(harmless(variant.name), 6)) \(column("\(wholeNumber(100 * variant.plainReturn)) %", 11))"
                + " \(column(percentage(variant.adjustedReturn), 13)) \(column(wholeNumber(variant.meanNet), 12))"
                + " \(column(wholeNumber(variant.lowNet), 12)) \(column(percentage(variant.chanceOfLoss), 8))"
                + " \(variant.breakEvenHour.map { wholeNumber($0) + " " + currency } ?? "")"
        }
        for variant in comparison.variants {
            if let declared = variant.declaredReturn, (declared - 100 * variant.plainReturn).magnitude > 0.5 {
                lines.append(
                    "  ! \(harmless(variant.name)): stated \(shortDecimal(declared)) %, but the figures give"
                        + " \(wholeNumber(100 * variant.plainReturn)) %"
                )
            }
            for target in variant.unreached {
                lines.append("  ✗ \(harmless(variant.name)) does not reach: \(harmless(target.target))")
                lines += target.benchmarks.map { "      \(harmless($0))" }
                lines += target.unmeasured.map { "      \(harmless($0)): not measured" }
            }
        }
        return lines
    }

    private func rounded(_ number: Double) -> String { shortDecimal((number * 100).rounded() / 100) }
}

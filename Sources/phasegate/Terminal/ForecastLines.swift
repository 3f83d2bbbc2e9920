import PhasegateCore

/// A forecast of losses for a terminal of 80 columns.
struct ForecastLines {
    private let forecast: LossForecast

    init(_ forecast: LossForecast) { self.forecast = forecast }

    /// All of it.
    var lines: [String] { head + figures + exceedance + tolerances + promises + swings }

    private var head: [String] {
        [
            Terminal.standard.styled("\(forecast.scenario): \(harmless(forecast.title))", .strong),
            "  \(wholeNumber(Double(forecast.worlds))) worlds, seed \(forecast.seed)",
        ]
    }

    private var figures: [String] {
        let quantiles = forecast.quantiles.map { "\(shortDecimal(100 * $0.share)) %: \(wholeNumber($0.loss))" }
        return [
            "  mean loss   \(money(forecast.exactMean)) exactly;"
                + " \(money(forecast.mean)) ± \(money(forecast.standardError)) drawn",
            "  at most     \(quantiles.joined(separator: "  ")) \(currency)",
            "  worst 5 %   lose \(money(forecast.meanOfWorst)) on average",
            "  no loss     \(percentage(forecast.exactChanceOfNothing)) exactly; \(percentage(forecast.chanceOfNothing)) drawn",
            "  downtime    \(shortDecimal(forecast.exactDowntimeMinutes)) min on average",
        ]
    }

    /// Ten bars of the curve.
    private var exceedance: [String] {
        guard let end = forecast.exceedance.last?.loss, end > 0 else { return [] }
        let bars = stride(from: 0, to: forecast.exceedance.count, by: 6).map { index in
            let point = forecast.exceedance[index]
            let bar = String(repeating: "█", count: Int((40 * point.chance).rounded()))
            return "    \(padded(money(point.loss), 14))  \(padded(percentage(point.chance), 8))  \(bar)"
        }
        return ["  chance of more than"] + bars
    }

    private var tolerances: [String] {
        guard !forecast.tolerances.isEmpty else { return [] }
        return ["  what can be borne"]
            + forecast.tolerances.map { tolerance in
                mark(tolerance.isKept) + " more than \(money(tolerance.declared.loss)) with at most"
                    + " \(shortDecimal(tolerance.declared.atMost)) %: \(percentage(tolerance.chance))"
            }
    }

    private var promises: [String] {
        guard !forecast.downtimeLimits.isEmpty else { return [] }
        return ["  chance that what was promised is kept, by these figures"]
            + forecast.downtimeLimits.map { limit in
                "    \(padded(percentage(limit.chanceKept), 8))  \(harmless(limit.declared.title))"
            }
    }

    private var swings: [String] {
        guard !forecast.swings.isEmpty else { return [] }
        return ["  what moves the mean most, in \(currency), and the 95 % with it"]
            + forecast.swings.map { swing in
                "    \(column(swing.input, 20)) \(column("\(swing.low) … \(swing.high)", 18))"
                    + " \(wholeNumber(swing.meanAtLow)) … \(wholeNumber(swing.meanAtHigh))"
                    + "  (\(wholeNumber(swing.p95AtLow)) … \(wholeNumber(swing.p95AtHigh)))"
            }
    }

    private func mark(_ isKept: Bool) -> String {
        isKept ? Terminal.standard.styled("    ✓", .good) : Terminal.standard.styled("    ✗", .bad)
    }

    private var currency: String { harmless(forecast.currency) }

    private func money(_ amount: Double) -> String { "\(wholeNumber(amount)) \(currency)" }

    private func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}

import PhasegateCore

// How near a criterion is to failing.
extension Criterion {
    /// Which part of the way to the nearest failing value is left, the worst part's where several were measured.
    ///
    /// For a value `v` and a limit `l` it is `|l - v|` in parts of the larger of both, 1 at most: under a ceiling 0 is
    /// at the bound and 1 is at zero; above a floor 0 is at the bound and 1 is infinitely far away.
    ///
    /// - Parameters:
    ///   - measurement: what was measured.
    ///   - baseline: the frozen measurement, where there is one.
    /// - Returns: 0 for what fails; nothing for words, where only one value is good or bad, and where both are zero.
    func headroom(of measurement: Measurement, baseline: Measurement?) -> Double? {
        if comparison != nil {
            // How far the evidence of harm is from being enough; an estimate beyond its limit shows nothing by itself.
            return measurement.evidence?.failing.map { max(0, min(1, 1 - $0.logEvidence / $0.threshold)) }
        }
        return measurement.parts.compactMap { part in
            headroom(of: part.quantity, baseline: baseline?.quantity(of: part.name))
        }.min()
    }

    private func headroom(of quantity: Quantity, baseline: Quantity?) -> Double? {
        guard let value = quantity.number else { return nil }
        let lines = limits(in: quantity.unit, baseline: baseline).filter { $0.kind == .fail }
        // A value that is good alone has no way to go.
        let ways = lines.filter { line in !lines.contains { $0.value == line.value && $0.isCeiling != line.isCeiling } }
        guard !ways.isEmpty else { return nil }
        if fails(quantity, baseline: baseline) { return 0 }
        return ways.compactMap { line in
            let distance = line.isCeiling ? line.value - value : value - line.value
            let scale = max(abs(line.value), abs(value))
            return distance >= 0 && scale > 0 ? min(1, distance / scale) : nil
        }.min()
    }

    private func fails(_ quantity: Quantity, baseline: Quantity?) -> Bool {
        bounds.demand?.holds(for: quantity, baseline: baseline) == false
            || bounds.failure?.holds(for: quantity, baseline: baseline) == true
    }
}

public import PhasegateCore

/// What a variant comes to; money in the comparison's currency, shares from 0 to 1.
public struct VariantVerdict: Hashable, Codable, Sendable {
    /// The variant.
    public let name: String
    /// (benefit − cost) / cost: the return as documents reckon it.
    public let plainReturn: Double
    /// The return that the document states, in percent.
    public let declaredReturn: Double?
    /// Net / outlay, where the outlay has downtime and the chance of failure in it.
    public let adjustedReturn: Double
    /// Benefit − cost − r · downtime − F · (r · rollback + migration cost), in closed form.
    public let meanNet: Double
    /// What is undercut with a chance of 5 %.
    public let lowNet: Double
    /// The chance of a loss.
    public let chanceOfLoss: Double
    /// What an hour of downtime may cost before nothing is left; nothing where there is no downtime.
    public let breakEvenHour: Double?
    /// The share of the benefit that has to come true.
    public let benefitNeeded: Double
    /// Targets it does not reach by its own benchmarks, each with the benchmarks.
    public let unreached: [Unreached]

    /// A target that is out of reach.
    public struct Unreached: Hashable, Codable, Sendable {
        /// The target.
        public let target: String
        /// The benchmarks that miss it, with their values.
        public let benchmarks: [String]
        /// Those that were not measured.
        public let unmeasured: [String]
    }
}

/// Reckons what each variant comes to.
///
/// - Parameters:
///   - comparison: the variants.
///   - worlds: how many worlds the tails are read off.
///   - seed: the same worlds for the same seed.
/// - Returns: one verdict for each variant, in the order of the file.
public func weigh(_ comparison: VariantComparison, worlds: Int = 200_000, seed: UInt64 = 20_250_825) -> [VariantVerdict]
{
    comparison.variants.map { variant in
        let hour = comparison.perHour.mean
        let failure = variant.failurePercent / 100
        let outlay =
            variant.cost + hour * variant.downtime.mean
            + failure * (hour * variant.rollback.mean + variant.migrationCost)
        let hours = variant.downtime.mean + failure * variant.rollback.mean
        let nets = nets(of: variant, comparison, worlds: max(1000, worlds), seed: seed)
        return VariantVerdict(
            name: variant.name,
            plainReturn: variant.cost > 0 ? (variant.benefit - variant.cost) / variant.cost : 0,
            declaredReturn: variant.declaredReturn,
            adjustedReturn: outlay > 0 ? (variant.benefit - outlay) / outlay : 0,
            meanNet: variant.benefit - outlay,
            lowNet: nets[nets.count / 20],
            chanceOfLoss: Double(nets.count { $0 < 0 }) / Double(nets.count),
            breakEvenHour: hours > 0
                ? (variant.benefit - variant.cost - failure * variant.migrationCost) / hours : nil,
            benefitNeeded: variant.benefit > 0 ? outlay / variant.benefit : .infinity,
            unreached: unreached(by: variant.name, comparison)
        )
    }
}

/// Nets of worlds, ascending.
private func nets(
    of variant: VariantComparison.Variant,
    _ comparison: VariantComparison,
    worlds: Int,
    seed: UInt64
) -> [Double] {
    // The price of an hour is the same unknown for all variants.
    let hour = SpreadDraws(comparison.perHour, label: "variants/rate", seed: seed).values(of: worlds)
    let downtime = SpreadDraws(variant.downtime, label: "\(variant.name)/downtime", seed: seed).values(of: worlds)
    let rollback = SpreadDraws(variant.rollback, label: "\(variant.name)/rollback", seed: seed).values(of: worlds)
    let fails = PortableDraws("\(variant.name)/fail", seed: seed)
    var nets = (0..<worlds).map { world in
        let plain = variant.benefit - variant.cost - hour[world] * downtime[world]
        guard fails[world] < variant.failurePercent / 100 else { return plain }
        return plain - hour[world] * rollback[world] - variant.migrationCost
    }
    nets.sort()
    return nets
}

private func unreached(by variant: String, _ comparison: VariantComparison) -> [VariantVerdict.Unreached] {
    comparison.targets.compactMap { target in
        var missed: [String] = []
        var unmeasured: [String] = []
        for name in target.benchmarks {
            guard let value = comparison.benchmarks.first(where: { $0.name == name })?.values[variant] else {
                unmeasured.append(name)
                continue
            }
            if target.bound.holds(for: value, baseline: nil) != true { missed.append("\(name) \(value)") }
        }
        guard !missed.isEmpty || !unmeasured.isEmpty else { return nil }
        return VariantVerdict.Unreached(target: target.title, benchmarks: missed, unmeasured: unmeasured)
    }
}

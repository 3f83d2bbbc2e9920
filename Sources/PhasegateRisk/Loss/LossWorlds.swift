import PhasegateCore

/// Many ways in which a programme may go, drawn in two stages: does a risk become real, and if so for how long.
///
/// The stages stay apart, because a probability that is multiplied into each
/// draw has the right mean and a false tail. What an hour costs is drawn once
/// for each world: it is one unknown that all its outages share.
struct LossWorlds: Sendable {
    /// Losses of the worlds, ascending.
    let losses: [Double]
    /// Minutes of downtime of the worlds, unsorted: of all outages.
    let downtime: [Double]

    /// Draws worlds.
    ///
    /// - Parameters:
    ///   - assumptions: what is assumed.
    ///   - count: how many worlds.
    ///   - seed: the same worlds for the same seed, whatever else is assumed.
    init(_ assumptions: LossAssumptions, count: Int, seed: UInt64) {
        let downtime = Self.downtime(assumptions, assumptions.outages, count: count, seed: seed)
        let perHour = SpreadDraws(assumptions.perHour, label: "\(assumptions.name)/rate", seed: seed).values(of: count)
        var losses = downtime
        for world in losses.indices { losses[world] *= perHour[world] / 60 }
        sortLosses(&losses)
        self.losses = losses
        self.downtime = downtime
    }

    /// Minutes of downtime that some of the outages cause, in the same worlds.
    static func downtime(
        _ assumptions: LossAssumptions,
        _ outages: [LossAssumptions.Outage],
        count: Int,
        seed: UInt64
    ) -> [Double] {
        var minutes = [Double](repeating: 0, count: count)
        var hit = [Int](repeating: 0, count: count)
        for outage in outages {
            func label(_ what: String) -> String { "\(assumptions.name)/\(outage.risk)/\(what)" }
            let occurs = PortableDraws(label("occur"), seed: seed)
            // Written down in any case and kept if it occurs: which it does cannot be foreseen, by a processor neither.
            var hits = 0
            for world in 0..<count {
                hit[hits] = world
                hits += occurs[world] < outage.probability ? 1 : 0
            }
            for (what, spread) in [("detect", outage.detect), ("respond", outage.respond), ("recover", outage.recover)]
            {
                SpreadDraws(spread, label: label(what), seed: seed).add(to: &minutes, at: hit.prefix(hits))
            }
        }
        return minutes
    }

    /// The mean loss.
    var mean: Double { losses.reduce(0, +) / Double(losses.count) }

    /// The standard error of the mean.
    var standardError: Double {
        let mean = mean
        let sum = losses.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (sum / Double(losses.count - 1) / Double(losses.count)).squareRoot()
    }

    /// The loss that a share of the worlds stays at or below.
    func quantile(_ share: Double) -> Double {
        losses[min(losses.count - 1, max(0, Int((share * Double(losses.count)).rounded(.up)) - 1))]
    }

    /// The mean of the worst worlds.
    func meanOfWorst(_ share: Double) -> Double {
        let worst = losses.suffix(max(1, Int((share * Double(losses.count)).rounded())))
        return worst.reduce(0, +) / Double(worst.count)
    }

    /// The share of worlds that lose more; never rises with the loss, since all of it is read off one sorted sample.
    func chance(ofMoreThan loss: Double) -> Double {
        var low = 0
        var high = losses.count
        while low < high {
            let middle = (low + high) / 2
            if losses[middle] <= loss { low = middle + 1 } else { high = middle }
        }
        return Double(losses.count - low) / Double(losses.count)
    }
}

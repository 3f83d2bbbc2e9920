import PhasegateStatistics

/// Follows counters that are scraped together, and says what they have counted in between.
///
/// A histogram is a counter for each bucket. Only what all of its buckets had
/// at the same scrape is taken, so that a scrape that was seen half is waited
/// for.
struct CounterFollower: Sendable {
    /// Counters of one target and arm that belong together, by what tells them apart: `le` of buckets.
    struct Reading: Sendable {
        /// Job, instance and all other labels, without what tells the members apart.
        let key: String
        /// What is scraped: job and instance.
        let target: String
        let arm: Arm
        /// Values by member, at each scrape; ascending by time.
        let scrapes: [(at: Double, values: [String: Double])]
    }

    /// What was counted.
    struct Growth: Sendable {
        let arm: Arm
        let values: [String: Double]
    }

    private var bases: [String: (at: Double, values: [String: Double])] = [:]
    /// When the newest scrape was that was taken, by Prometheus' clock.
    private(set) var newest: Double?

    /// How much older than now a base may be to count from, in seconds: across a gap nothing is counted.
    private let patience: Double

    /// - Parameter patience: in seconds.
    init(patience: Double) { self.patience = patience }

    /// Takes what the scrapes of late show.
    ///
    /// - Parameters:
    ///   - readings: with the same keys from call to call.
    ///   - targets: those that were known before.
    /// - Returns: what has been counted since the call before.
    mutating func growth(_ readings: [Reading], on targets: Set<String>) -> [Growth] {
        var growth: [Growth] = []
        for reading in readings {
            guard let last = reading.scrapes.last else { continue }
            let base = bases[reading.key]
            if let base, last.at <= base.at { continue }
            bases[reading.key] = last
            newest = max(newest ?? last.at, last.at)
            let from: [String: Double]
            if let base {
                // What was served while nobody could see it is not known to be of this step.
                guard last.at - base.at <= patience else { continue }
                from = base.values
            } else {
                // Of a target that was known, a series that is new has begun at nothing; another may be old.
                guard targets.contains(reading.target) else { continue }
                from = last.values.mapValues { _ in 0 }
            }
            guard Set(from.keys) == Set(last.values.keys) else { continue }
            // A counter that fell has begun anew, and all that were counted with it.
            let isReset = last.values.contains { $0.value < from[$0.key] ?? 0 }
            growth.append(
                Growth(
                    arm: reading.arm,
                    values: isReset
                        ? last.values
                        : Dictionary(uniqueKeysWithValues: last.values.map { ($0.key, $0.value - (from[$0.key] ?? 0)) })
                )
            )
        }
        // What has not been scraped for so long will begin anew, and is forgotten.
        if let newest { bases = bases.filter { newest - $0.value.at <= 20 * patience } }
        return growth
    }
}

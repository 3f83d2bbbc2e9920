import PhasegateStatistics

/// Makes counts of both arms out of what Prometheus has scraped of a histogram, and of counters beside it.
struct HistogramFollower: Sendable {
    /// What is followed.
    struct Names: Sendable {
        let histogram: String
        let errors: String?
        let users: String?
        /// The label that tells the arms apart, and its values.
        let label: String
        let arms: [String: Arm]

        var bucket: String { histogram + "_bucket" }
        var all: [String] { [bucket] + [errors, users].compactMap(\.self) }
    }

    private let names: Names
    private var buckets: CounterFollower
    private var errors: CounterFollower
    private var users: CounterFollower
    /// What has been scraped before.
    private var targets: Set<String> = []

    /// - Parameters:
    ///   - names: what is followed.
    ///   - patience: seconds after which counting begins anew.
    init(_ names: Names, patience: Double) {
        self.names = names
        buckets = CounterFollower(patience: patience)
        errors = CounterFollower(patience: patience)
        users = CounterFollower(patience: patience)
    }

    /// No counter of requests comes that far; beyond it floating point leaves numbers out.
    private static let most = 1e15

    /// When the newest scrape was that was counted.
    var newest: Double? { buckets.newest }

    /// Takes an answer.
    ///
    /// - Returns: what has been counted since the answer before; empty when there was no scrape in between.
    /// - Throws: `ObservationError` for samples that nothing can be concluded from.
    mutating func take(_ series: [PrometheusAnswer.Series]) throws(ObservationError) -> [CountedObservations] {
        for name in names.all where !series.contains(where: { $0.name == name }) {
            throw ObservationError("Prometheus has no sample of '\(name)' of late")
        }
        for one in series where one.samples.contains(where: { !($0.value >= 0 && $0.value < Self.most) }) {
            throw ObservationError("a sample of '\(one.name)' is no count")
        }
        let histograms = readings(of: names.bucket, in: series, by: "le").compactMap(sound)
        guard !histograms.isEmpty else {
            throw ObservationError("no scrape of '\(names.histogram)' has all its buckets, up to +Inf")
        }
        var byLayout: [Arm: [[Double]: [Int]]] = [:]
        for growth in buckets.growth(histograms, on: targets) {
            let edges = growth.values.keys.compactMap(prometheusNumber).sorted()
            let cumulative = growth.values.compactMap { key, value in prometheusNumber(key).map { ($0, value) } }
                .sorted { $0.0 < $1.0 }.map { Int($0.1) }
            let counts = cumulative.indices.map { cumulative[$0] - ($0 > 0 ? cumulative[$0 - 1] : 0) }
            let before = byLayout[growth.arm]?[edges] ?? Array(repeating: 0, count: counts.count)
            byLayout[growth.arm, default: [:]][edges] = zip(before, counts).map { $0 + max(0, $1) }
        }
        let failed = total(of: names.errors, in: series, &errors)
        let fresh = total(of: names.users, in: series, &users)
        targets.formUnion(histograms.map(\.target))
        return byLayout.sorted { $0.key.rawValue < $1.key.rawValue }.flatMap { arm, layouts in
            let largest = layouts.max { $0.value.reduce(0, +) < $1.value.reduce(0, +) }?.key
            return layouts.sorted { $0.key.count < $1.key.count }.map { edges, counts in
                CountedObservations(
                    arm: arm,
                    latencies: CountedObservations.Buckets(
                        upperEdges: edges.dropLast().map { $0 * 1e6 },
                        counts: counts
                    ),
                    // The counters know no layouts; they are told once.
                    errors: failed.map { edges == largest ? $0[arm] ?? 0 : 0 },
                    newUsers: fresh.map { edges == largest ? $0[arm] ?? 0 : 0 }
                )
            }
        }
    }

    private func total(
        of name: String?,
        in series: [PrometheusAnswer.Series],
        _ follower: inout CounterFollower
    ) -> [Arm: Int]? {
        guard let name else { return nil }
        var total: [Arm: Int] = [:]
        for growth in follower.growth(readings(of: name, in: series, by: nil), on: targets) {
            total[growth.arm, default: 0] += Int(growth.values.values.reduce(0, +))
        }
        return total
    }

    /// Brings the series of a metric together that belong together.
    private func readings(
        of name: String,
        in series: [PrometheusAnswer.Series],
        by member: String?
    ) -> [CounterFollower.Reading] {
        var groups: [String: (arm: Arm, target: String, members: [String: [Double: Double]])] = [:]
        for one in series where one.name == name {
            guard let arm = one.labels[names.label].flatMap({ names.arms[$0] }) else { continue }
            let rest = one.labels.filter { $0.key != member }
            let key = rest.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "\n")
            let target = "\(one.labels["job"] ?? "")\n\(one.labels["instance"] ?? "")"
            var group = groups[key] ?? (arm, target, [:])
            let which = member.flatMap { one.labels[$0] } ?? ""
            group.members[which] = Dictionary(one.samples.map { ($0.at, $0.value) }) { _, last in last }
            groups[key] = group
        }
        return groups.map { key, group in
            // Only scrapes that all of them took part in.
            let times = group.members.values.map { Set($0.keys) }
            let common = times.dropFirst().reduce(times.first ?? []) { $0.intersection($1) }
            return CounterFollower.Reading(
                key: key,
                target: group.target,
                arm: group.arm,
                scrapes: common.sorted().map { at in (at, group.members.compactMapValues { $0[at] }) }
            )
        }
    }

    /// A histogram without the scrapes whose buckets contradict each other; nothing where it has no bucket for all.
    private func sound(_ reading: CounterFollower.Reading) -> CounterFollower.Reading? {
        let scrapes = reading.scrapes.filter { scrape in
            let ordered = scrape.values.compactMap { key, value in prometheusNumber(key).map { ($0, value) } }
                .sorted { $0.0 < $1.0 }
            guard ordered.last?.0 == .infinity, ordered.count == scrape.values.count else { return false }
            return zip(ordered, ordered.dropFirst()).allSatisfy { $0.1 <= $1.1 }
        }
        guard !scrapes.isEmpty else { return nil }
        return CounterFollower.Reading(key: reading.key, target: reading.target, arm: reading.arm, scrapes: scrapes)
    }
}

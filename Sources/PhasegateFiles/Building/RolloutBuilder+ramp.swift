import PhasegateCore
import PhasegateStatistics

extension RolloutBuilder {
    /// Builds a ramp.
    mutating func ramp(_ map: CheckedMap?, of user: String) -> Ramp? {
        guard let map else { return nil }
        refer(to: .flag, [map["flag"]].compactMap(\.self), from: user)
        let values = map["steps"]?.list ?? []
        var steps: [BasisPoints] = []
        for value in values {
            guard let percent = value.number else { continue }
            let points = percent * 100
            // 0.29 * 100 is not quite 29.
            guard abs(points - points.rounded()) < 1e-6, points.rounded() >= 1 else {
                problems.report(
                    "bad-ramp",
                    "a step of \(quoted(value.written)) percent is not a multiple of 0.01 percent",
                    hint: "shares are kept in hundredths of a percent, from 0.01 to 100",
                    at: value.place
                )
                continue
            }
            let share = BasisPoints(rawValue: Int(points.rounded()))
            if let last = steps.last, share <= last {
                problems.report(
                    "bad-ramp",
                    "the step of \(share) does not lie above the one before it, \(last)",
                    hint: "write the steps in ascending order",
                    at: value.place
                )
            }
            steps.append(share)
        }
        if values.isEmpty, let value = map["steps"], map.has("steps") {
            problems.report(
                "bad-ramp",
                "the ramp of \(user) has no steps",
                hint: "write 'steps: [5, 25, 100]'",
                at: value.place
            )
        }
        let rate = expectedRate(map)
        return Ramp(
            flag: FlagKey(rawValue: map["flag"]?.text ?? ""),
            steps: steps,
            soak: map["soak"]?.duration ?? .zero,
            leastSoaks: leastSoaks(map, steps, rate),
            holdBack: map["hold-back"]?.number.map { BasisPoints(rawValue: Int(($0 * 100).rounded())) },
            observation: observation(map, rate)
        )
    }

    private mutating func observation(_ map: CheckedMap, _ rate: Double?) -> ObservationPlan? {
        guard let source = map["observe"]?.plugIn else {
            for key in ["unit", "user-window", "look", "burn-in", "assignment", "guarantee"] where map.has(key) {
                problems.report(
                    "bad-ramp",
                    "'\(key)' says how users are observed, and nothing says where observations come from",
                    hint: "add 'observe: {kind: json-lines, path: requests.jsonl}'",
                    at: map.place(of: key)
                )
            }
            return nil
        }
        // A setting that is a name and is called so is a reference, as with probes; a driver of load names a workload an arm.
        refer(to: .target, source.names(under: "target"), from: "'observe'")
        refer(to: .workload, ["candidate", "control"].flatMap { source.names(under: $0) }, from: "'observe'")
        let usual = ObservationPlan(source: ObservationPlan.Source(kind: source.kind, settings: source.settings))
        let guarantee = map["guarantee"]?.map
        func chance(_ key: String, _ usual: Double) -> Double { guarantee?[key]?.number.map { $0 / 100 } ?? usual }
        if let look = map["look"], let duration = look.duration, duration < .milliseconds(10) || duration > .seconds(60)
        {
            problems.report("bad-ramp", "a look lasts from 10 ms to 1 min", at: look.place)
        }
        return ObservationPlan(
            source: usual.source,
            unit: map["unit"]?.text.flatMap(ObservationPlan.Unit.init(rawValue:)) ?? usual.unit,
            userWindow: positive(map["user-window"], "user-window") ?? usual.userWindow,
            look: positive(map["look"], "look") ?? usual.look,
            burnIn: map["burn-in"]?.duration ?? usual.burnIn,
            guarantee: ObservationPlan.Guarantee(
                falseRollback: chance("false-rollback", usual.guarantee.falseRollback),
                falsePromotion: chance("false-promotion", usual.guarantee.falsePromotion),
                falseInvalid: chance("false-invalid", usual.guarantee.falseInvalid)
            ),
            checksAssignment: map["assignment"]?.text != "unchecked",
            expectedRate: rate
        )
    }

    private mutating func expectedRate(_ map: CheckedMap) -> Double? {
        guard let load = map["load"], let quantity = load.quantity else { return nil }
        guard quantity.unit.dimension == .rate, let number = quantity.number, number > 0 else {
            problems.report("bad-ramp", "'load' is no rate of requests", hint: "write '1000/s'", at: load.place)
            return nil
        }
        // A rate's base unit is one a minute.
        return number * quantity.unit.scale / 60
    }

    /// How long each share has to hold for a rare defect to be noticed (docs/statistics.md, planning).
    private mutating func leastSoaks(_ map: CheckedMap, _ steps: [BasisPoints], _ rate: Double?) -> [Duration]? {
        guard let defect = map["rare-defect"]?.map else { return nil }
        guard let visibility = defect["visibility"], let share = visibility.quantity else { return nil }
        guard let percent = share.number, share.unit == .percent, percent > 0, percent < 100 else {
            problems.report("bad-ramp", "'visibility' is no share", hint: "write '0.1 %'", at: visibility.place)
            return nil
        }
        guard let rate else {
            if !map.has("load") {
                problems.report(
                    "bad-ramp",
                    "how long a rare defect takes to be noticed depends on the load, which is not said",
                    hint: "add 'load: 1000/s'",
                    at: map.place(of: "rare-defect")
                )
            }
            return nil
        }
        let lag = defect["lag"]?.duration ?? .zero
        do {
            let soak = try MinimumSoak(
                operationsPerSecond: rate,
                visibility: percent / 100,
                signs: Int(defect["signs"]?.whole ?? 6),
                lag: lag
            )
            return try steps.map { step throws(StatisticsError) in
                // A millisecond more or less is nobody's concern, and whole ones read the same everywhere.
                let least = try soak.soak(exposure: step.percent / 100)
                return .milliseconds((least / .milliseconds(1)).rounded(.up))
            }
        } catch {
            problems.report(
                "bad-ramp",
                "a defect this rare would not be noticed in a century",
                at: map.place(of: "rare-defect")
            )
            return nil
        }
    }
}

extension Criterion {
    /// Judges one reading: what it says, or why it says nothing.
    ///
    /// A pure function; every way of not knowing ends in `unknown`.
    ///
    /// - Parameters:
    ///   - reading: what the probe came back with; nothing if it was never asked.
    ///   - baseline: the frozen measurement, where the bounds need one.
    ///   - failedBefore: failing rounds in a row before this one.
    ///   - waiver: a waiver in force.
    ///   - moment: when the judgement is made.
    /// - Returns: the finding.
    func judge(
        _ reading: Reading?,
        baseline: Measurement?,
        failedBefore: Int,
        waiver: Waiver?,
        at moment: Moment
    ) -> Finding {
        guard let reading else { return unknown("was not measured", reading: nil, waiver: waiver) }
        let measurement: Measurement
        switch reading.outcome {
        case .unavailable(let why, let sentence):
            return unknown("\(why.sentence): \(sentence)", reading: reading, waiver: waiver)
        case .measured(let measured):
            measurement = measured
        }
        if reading.observedAt > moment {
            return unknown(
                "was observed at \(reading.observedAt), which is still to come",
                reading: reading,
                waiver: waiver
            )
        }
        if reading.validUntil < moment {
            return unknown(
                "is stale: observed at \(reading.observedAt), valid until \(reading.validUntil)",
                reading: reading,
                waiver: waiver
            )
        }
        if minimumSamples > 0, measurement.samples ?? 0 < minimumSamples {
            return unknown(
                "rests on \(measurement.samples ?? 0) samples, \(minimumSamples) are needed",
                reading: reading,
                waiver: waiver
            )
        }
        if comparison != nil { return judge(measurement, of: reading, waiver: waiver) }
        guard !measurement.parts.isEmpty, !bounds.all.isEmpty else {
            return unknown("there is nothing to compare", reading: reading, waiver: waiver)
        }
        return worst(of: measurement, reading: reading, baseline: baseline, failedBefore: failedBefore, waiver: waiver)
    }

    /// Judges each part and keeps the worst; unknown outranks a warning, a failure outranks both.
    private func worst(
        of measurement: Measurement,
        reading: Reading,
        baseline: Measurement?,
        failedBefore: Int,
        waiver: Waiver?
    ) -> Finding {
        var worst: (part: Measurement.Part, outcome: Finding.Outcome, bound: Bound, baseline: Quantity?)?
        for part in measurement.parts {
            let reference = baseline?.quantity(of: part.name)
            let (outcome, bound) = judge(part.quantity, against: reference)
            if worst.map({ outcome.severity > $0.outcome.severity }) ?? true {
                worst = (part, outcome, bound, reference)
            }
        }
        guard let worst else { return unknown("there is nothing to compare", reading: reading, waiver: waiver) }
        let subject = worst.part.name.isEmpty ? "" : "\(worst.part.name): "
        let reason =
            switch worst.outcome {
            case .pass: "\(subject)\(worst.part.quantity) satisfies '\(boundSentence)'"
            case .warn: "\(subject)\(worst.part.quantity) meets the warning '\(worst.bound)'"
            case .fail: "\(subject)\(worst.part.quantity) breaks '\(demandSentence(worst.bound))'"
            case .unknown:
                "\(subject)\(worst.part.quantity) cannot be compared with '\(worst.bound)'"
                    + (worst.bound.needsBaseline && worst.baseline == nil ? ": there is no frozen baseline" : "")
            }
        let comparison = worst.bound.needsBaseline ? worst.baseline.map { " (baseline \($0))" } ?? "" : ""
        let isUnconfirmed = worst.outcome == .fail && failedBefore + 1 < confirm
        return Finding(
            criterion: name,
            role: role,
            strength: strength,
            outcome: worst.outcome,
            reason: reason + comparison
                + (isUnconfirmed ? " (\(failedBefore + 1) of \(confirm) rounds in a row)" : ""),
            observed: "\(subject)\(worst.part.quantity)",
            bound: boundSentence,
            baseline: worst.baseline.map(\.description),
            samples: measurement.samples,
            observedAt: reading.observedAt,
            resolvedQuery: measurement.resolvedQuery,
            isUnconfirmed: isUnconfirmed,
            waivedBy: waiver?.by
        )
    }

    private func judge(_ observed: Quantity, against baseline: Quantity?) -> (Finding.Outcome, Bound) {
        if let demand = bounds.demand {
            guard let holds = demand.holds(for: observed, baseline: baseline) else { return (.unknown, demand) }
            if !holds { return (.fail, demand) }
        }
        if let failure = bounds.failure {
            guard let holds = failure.holds(for: observed, baseline: baseline) else { return (.unknown, failure) }
            if holds { return (.fail, failure) }
        }
        if let warning = bounds.warning {
            guard let holds = warning.holds(for: observed, baseline: baseline) else { return (.unknown, warning) }
            if holds { return (.warn, warning) }
        }
        return (.pass, bounds.all[0])
    }

    /// All conditions in the words of the rollout file.
    public var boundSentence: String {
        var words: [String] = []
        if let demand = bounds.demand { words.append("\(strength.rawValue) \(demand)") }
        if let failure = bounds.failure { words.append("fail \(failure)") }
        if let warning = bounds.warning { words.append("warn \(warning)") }
        return words.joined(separator: ", ")
    }

    private func demandSentence(_ bound: Bound) -> String {
        bound == bounds.demand ? "\(strength.rawValue) \(bound)" : "fail \(bound)"
    }

    private func unknown(_ why: String, reading: Reading?, waiver: Waiver?) -> Finding {
        Finding(
            criterion: name,
            role: role,
            strength: strength,
            outcome: .unknown,
            reason: why,
            bound: boundSentence,
            samples: reading?.measurement?.samples,
            observedAt: reading?.observedAt,
            resolvedQuery: reading?.measurement?.resolvedQuery,
            waivedBy: waiver?.by
        )
    }
}

extension Finding.Outcome {
    fileprivate var severity: Int {
        switch self {
        case .pass: 0
        case .warn: 1
        case .unknown: 2
        case .fail: 3
        }
    }
}

extension Reading.Unavailability {
    /// The reason in words.
    public var sentence: String {
        switch self {
        case .noData: "came back without data"
        case .notAValue: "came back with something that is no value"
        case .timedOut: "did not finish in time"
        case .cancelled: "was stopped before it measured"
        case .unreachable: "could not reach what it measures"
        case .unsupported: "cannot be measured here"
        case .failed: "failed to measure"
        }
    }
}

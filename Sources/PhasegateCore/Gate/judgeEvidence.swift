extension Criterion {
    /// Judges what was compared with a guarantee.
    ///
    /// - Parameters:
    ///   - measurement: the estimate, with the evidence behind it.
    ///   - reading: when it was taken.
    ///   - waiver: a waiver in force.
    /// - Returns: the finding; unknown as long as neither side is shown.
    func judge(_ measurement: Measurement, of reading: Reading, waiver: Waiver?) -> Finding {
        let estimate = measurement.estimate
        guard let evidence = measurement.evidence else {
            return finding(.unknown, "came back without evidence for a comparison", measurement, reading, waiver)
        }
        return switch evidence.answer {
        case .invalid(let why):
            finding(.unknown, "the exposure is off, so that no comparison counts: \(why)", measurement, reading, waiver)
        case .fail:
            finding(
                .fail,
                "\(estimate) breaks '\(failSentence)', shown \(evidence.level(of: \.failing))",
                measurement,
                reading,
                waiver
            )
        case .blind(let why):
            finding(.unknown, "cannot be compared: \(why)", measurement, reading, waiver)
        case .pass:
            finding(
                .pass,
                "\(estimate) satisfies '\(boundSentence)', shown \(evidence.level(of: \.passing))",
                measurement,
                reading,
                waiver
            )
        case .undecided:
            finding(.unknown, "\(estimate) shows nothing yet, \(evidence.wayToGo)", measurement, reading, waiver)
        }
    }

    private var failSentence: String { bounds.failure.map { "fail \($0)" } ?? boundSentence }

    private func finding(
        _ outcome: Finding.Outcome,
        _ reason: String,
        _ measurement: Measurement,
        _ reading: Reading,
        _ waiver: Waiver?
    ) -> Finding {
        Finding(
            criterion: name,
            role: role,
            strength: strength,
            outcome: outcome,
            reason: reason,
            observed: measurement.parts.isEmpty ? nil : measurement.estimate,
            bound: boundSentence,
            samples: measurement.samples,
            observedAt: reading.observedAt,
            resolvedQuery: measurement.resolvedQuery,
            waivedBy: waiver?.by,
            evidence: measurement.evidence
        )
    }
}

extension Measurement {
    /// The one value with its bounds, as `1.03 x (0.95 … 1.11)`.
    fileprivate var estimate: String {
        guard let quantity = parts.first?.quantity else { return "nothing" }
        return interval.map { "\(quantity) (\($0.ends))" } ?? "\(quantity)"
    }
}

extension SequentialEvidence {
    /// As `with a chance of at most 0.8 % to be wrong`.
    fileprivate func level(of side: KeyPath<Self, Side?>) -> String {
        guard let level = self[keyPath: side]?.level else { return "" }
        return "with a chance of at most \(shortDecimal(level * 100)) % to be wrong"
    }

    /// As `after 120 users of the candidate, about 340 to go, 2 min at the present pace`.
    fileprivate var wayToGo: String {
        let counted = "after \(candidate) \(unit.rawValue)\(candidate == 1 ? "" : "s") of the candidate"
        guard let left = samplesToDecide, left < 1e9 else { return "\(counted), and does not move" }
        let units = max(1, left.rounded(.up))
        guard let candidateRate, candidateRate > 0, units / candidateRate < 3e8 else {
            return "\(counted), about \(Int(units)) to go"
        }
        let time = Duration.seconds((units / candidateRate).rounded(.up))
        return "\(counted), about \(Int(units)) to go, \(time.forPeople) at the present pace"
    }
}

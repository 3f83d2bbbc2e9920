import PhasegateCore

/// What is different between two reports: a pure function of both.
///
/// - Parameters:
///   - previous: the earlier report.
///   - present: the report that is being made.
/// - Returns: no sentences when nothing changed; nothing at all when the earlier report is of another rollout, of another
///   ledger, or from the future.
func changes(from previous: RolloutReport, to present: RolloutReport) -> RolloutReport.Changes? {
    guard previous.rollout == present.rollout, previous.openedAt == nil || previous.openedAt == present.openedAt,
        previous.generatedAt <= present.generatedAt, previous.ledgerLength <= present.ledgerLength
    else { return nil }
    let difference = ReportDifference(previous: previous, present: present)
    return RolloutReport.Changes(
        since: previous.generatedAt,
        ledgerLength: previous.ledgerLength,
        sentences: difference.standing + difference.exposures + difference.criteria + difference.risks
            + difference.signatures + difference.notices
    )
}

extension RolloutReport.Changes {
    /// The same since the last report that knew less of the ledger.
    ///
    /// Whoever renders another format or audience of the same ledger reads the same changes.
    func continuing(_ previous: RolloutReport, of present: RolloutReport) -> Self {
        guard let carried = previous.changes, previous.ledgerLength == present.ledgerLength,
            previous.ledgerHead == present.ledgerHead
        else { return self }
        return Self(
            since: carried.since,
            ledgerLength: carried.ledgerLength,
            sentences: carried.sentences + sentences.filter { !carried.sentences.contains($0) }
        )
    }
}

/// Two reports of one rollout, held against each other part by part.
private struct ReportDifference {
    let previous: RolloutReport
    let present: RolloutReport
    private static let mostNames = 10

    // MARK: Where it stands

    var standing: [String] {
        var sentences: [String] = []
        if previous.status != present.status {
            sentences.append("the rollout is \(present.status.rawValue); it was \(previous.status.rawValue)")
        }
        if previous.verdict != present.verdict, let verdict = present.verdict {
            sentences.append(
                "the gate says \(verdict.rawValue)" + (previous.verdict.map { "; it said \($0.rawValue)" } ?? "")
            )
        }
        if previous.planDigest != present.planDigest, !previous.planDigest.isEmpty {
            sentences.append("the plan changed")
        }
        let before = Dictionary(previous.phases.map { ($0.name, $0.progress) }) { _, last in last }
        for phase in present.phases where phase.progress == .finished && before[phase.name] != .finished {
            sentences.append("phase '\(phase.name)' is finished")
        }
        if let phase = present.phase, let stage = present.stage, phase != previous.phase || stage != previous.stage {
            sentences.append("it has reached '\(stage)' of phase '\(phase)'")
        }
        return sentences
    }

    var exposures: [String] {
        let before = lastShares(previous)
        let now = lastShares(present)
        return now.keys.sorted().compactMap { flag in
            guard let share = now[flag], share != before[flag] ?? .none else { return nil }
            return "flag '\(flag)' is at \(share); it was at \(before[flag] ?? .none)"
        }
    }

    private func lastShares(_ report: RolloutReport) -> [FlagKey: BasisPoints] {
        Dictionary(report.exposures.map { ($0.flag, $0.share) }) { _, last in last }
    }

    // MARK: What was found

    var criteria: [String] {
        struct Key: Hashable {
            let phase: PhaseName
            let criterion: CriterionName
        }
        var before: [Key: Finding.Outcome] = [:]
        for phase in previous.phases {
            for criterion in phase.criteria {
                before[Key(phase: phase.name, criterion: criterion.name)] = criterion.finding?.outcome
            }
        }
        var changed: [Finding.Outcome: [String]] = [:]
        for phase in present.phases {
            for criterion in phase.criteria {
                guard let outcome = criterion.finding?.outcome,
                    outcome != before[Key(phase: phase.name, criterion: criterion.name)]
                else { continue }
                changed[outcome, default: []].append("'\(criterion.name)' of '\(phase.name)'")
            }
        }
        let words: [(Finding.Outcome, String)] = [
            (.fail, "fails now"), (.unknown, "unknown now"), (.warn, "warns now"), (.pass, "passes now"),
        ]
        return words.compactMap { outcome, words in changed[outcome].map { "\(words): \(listed($0))" } }
    }

    var risks: [String] {
        let before = Dictionary(previous.risks.map { ($0.id, $0) }) { _, last in last }
        return present.risks.flatMap { risk -> [String] in
            let earlier = before[risk.id]
            let wasRaised = earlier?.raisedBy.isEmpty == false
            var sentences: [String] = []
            if !risk.raisedBy.isEmpty, !wasRaised {
                sentences.append("risk \(risk.id) is raised by \(listed(risk.raisedBy.map { "'\($0)'" }))")
            } else if risk.raisedBy.isEmpty, wasRaised {
                sentences.append("risk \(risk.id) is no longer raised")
            }
            if let earlier, earlier.level != risk.level {
                sentences.append("risk \(risk.id) counts as \(risk.level); it counted as \(earlier.level)")
            }
            return sentences
        }
    }

    // MARK: People

    var signatures: [String] {
        struct Key: Hashable {
            let kind: RolloutReport.Signature.Kind
            let subject: String
            let phase: PhaseName?
            let by: String
            let at: Moment
        }
        func key(_ signature: RolloutReport.Signature) -> Key {
            Key(
                kind: signature.kind,
                subject: signature.subject,
                phase: signature.phase,
                by: signature.by,
                at: signature.at
            )
        }
        let before = Dictionary(previous.signatures.map { (key($0), $0.standing) }) { _, last in last }
        return present.signatures.compactMap { signature in
            let standing = before[key(signature)]
            if standing == nil { return "\(signature.by) signed: \(signature.words)" }
            return standing == signature.standing
                ? nil : "\(signature.words) by \(signature.by) is no longer \(standing ?? ""): \(signature.standing)"
        }
    }

    var notices: [String] {
        let before = Dictionary(previous.notices.map { ($0.notice.id, $0) }) { _, last in last }
        var raised: [String] = []
        var rest: [String] = []
        var answered: Set<String> = []
        for report in present.notices {
            let earlier = before[report.notice.id]
            if earlier == nil { raised.append("\(report.notice.level) '\(report.notice.title)'") }
            let wereDead = Set(earlier?.carriers.filter { $0.progress == .dead }.map(\.channel) ?? [])
            for carrier in report.carriers where carrier.progress == .dead && !wereDead.contains(carrier.channel) {
                rest.append("notice \(report.notice.id) could not be delivered on '\(carrier.channel)'")
            }
            if let answer = report.acknowledgement, answer != earlier?.acknowledgement {
                let sentence = "\(answer.by) takes care of '\(answer.episode)'"
                if answered.insert(sentence).inserted { rest.append(sentence) }
            }
        }
        let count = raised.count == 1 ? "1 notice" : "\(raised.count) notices"
        let sent = raised.isEmpty ? [] : ["\(count): \(listed(raised))"]
        let others = rest.count - Self.mostNames
        return sent + rest.prefix(Self.mostNames) + (others > 0 ? ["and \(others) more of this kind"] : [])
    }

    private func listed(_ names: [String]) -> String {
        let shown = names.prefix(Self.mostNames).joined(separator: ", ")
        return names.count > Self.mostNames ? "\(shown) and \(names.count - Self.mostNames) more" : shown
    }
}

extension RolloutReport.Signature {
    fileprivate var words: String {
        let place = phase.map { " of '\($0)'" } ?? ""
        return switch kind {
        case .approval: "approval of gate '\(subject)'\(place)"
        case .attestation: "attestation of '\(subject)'"
        case .waiver: "waiver of '\(subject)'\(place)"
        }
    }
}

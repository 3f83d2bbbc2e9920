import PhasegateCore

/// Puts concerns into words.
struct NoticeWriter: Sendable {
    /// Why a notice is written now, and for whom.
    struct Occasion {
        let id: NoticeID
        let kind: Notice.Kind
        let reason: String
        let rung: Int
        let audience: [String]
        let startedAt: Moment
        let at: Moment
        let acknowledgeBy: Moment?
        /// Until when an answer is still waited for; nothing where that time is over.
        let answerBy: Moment?
        /// Who has taken it up.
        let takenUpBy: String?
        /// When people hear more by time alone; nothing where only a change is told.
        let nextUpdate: Moment?
    }

    /// Writes a risk alert out, or refuses one with a gap.
    let wording: @Sendable (RiskAlert) throws -> NoticeWording

    /// Writes a notice; there is always one, also where the alert is refused.
    func notice(about concern: Concern, on occasion: Occasion, of rollout: Rollout, _ state: RolloutState) -> Notice {
        let words = words(for: concern, on: occasion, of: rollout)
        return Notice(
            id: occasion.id,
            episode: concern.key,
            kind: occasion.kind,
            reason: occasion.reason,
            level: concern.level,
            rollout: rollout.name,
            phase: concern.phase,
            stage: concern.stage,
            risk: concern.risk,
            criteria: concern.criteria,
            standing: concern.standing,
            rung: occasion.rung,
            audience: occasion.audience,
            title: occasion.kind.prefix + words.title,
            body: occasion.kind.prefix + words.body,
            facts: facts(of: concern, state),
            startedAt: occasion.startedAt,
            raisedAt: occasion.at,
            acknowledgeBy: occasion.acknowledgeBy
        )
    }

    private func words(for concern: Concern, on occasion: Occasion, of rollout: Rollout) -> NoticeWording {
        guard let risk = rollout.register.risks.first(where: { $0.id == concern.risk }) else {
            return plainWords(for: concern, of: rollout, note: "somebody has to look at it")
        }
        do {
            return try wording(alert(of: risk, for: concern, on: occasion))
        } catch {
            // An alert with a gap is refused, but a risk that has become real is not kept quiet.
            return plainWords(for: concern, of: rollout, note: "the alert for \(risk.id) could not be filled: \(error)")
        }
    }

    private func plainWords(for concern: Concern, of rollout: Rollout, note: String) -> NoticeWording {
        let title = "\(concern.level): \(rollout.name) needs a person in phase '\(concern.phase)'"
        var lines = [title, "", "Rollout: \(rollout.title)", "Current Status: \(concern.status)"]
        if let stage = concern.stage { lines.append("Stage: \(stage)") }
        if !concern.criteria.isEmpty {
            lines.append("Criteria: \(concern.criteria.map(\.rawValue).joined(separator: ", "))")
        }
        lines.append("Note: \(note)")
        return NoticeWording(title: title, body: lines.joined(separator: "\n"))
    }

    private func alert(of risk: Risk, for concern: Concern, on occasion: Occasion) -> RiskAlert {
        let answer =
            occasion.takenUpBy.map { "taken up by \($0)" }
            ?? occasion.answerBy.map { "\($0.forPeople) UTC" } ?? "when somebody takes it up"
        let isOver = occasion.kind == .resolved
        return RiskAlert(
            riskID: risk.id,
            riskName: risk.title,
            severity: concern.level,
            probability: risk.declared.percent.map { shortDecimal($0) + " %" } ?? risk.declared.likelihood,
            impact: risk.declared.impact,
            status: concern.status,
            actions: risk.actions,
            resolutionTime: isOver ? "\(occasion.at.forPeople) UTC" : answer,
            nextUpdate: occasion.nextUpdate.map { "\($0.forPeople) UTC" } ?? (isOver ? "none" : "when it changes"),
            contact: risk.owner ?? "",
            channel: risk.channel ?? ""
        )
    }

    private func facts(of concern: Concern, _ state: RolloutState) -> [Notice.Fact] {
        var facts = [Notice.Fact("status", concern.status)]
        let findings = state.gate?.lastVerdict?.findings ?? []
        for finding in findings where concern.criteria.contains(finding.criterion) {
            let observed = finding.observed ?? "nothing"
            facts.append(Notice.Fact("observed", "\(finding.criterion): \(observed), bound \(finding.bound)"))
            if let samples = finding.samples {
                facts.append(Notice.Fact("samples", "\(finding.criterion): \(samples)"))
            }
        }
        return facts
    }
}

extension Notice.Kind {
    /// What stands before the words, so that a subject line tells news from repetition.
    fileprivate var prefix: String {
        switch self {
        case .fired, .test: ""
        case .updated: "UPDATED: "
        case .repeated: "REPEATED: "
        case .escalated: "ESCALATED: "
        case .resolved: "RESOLVED: "
        }
    }
}

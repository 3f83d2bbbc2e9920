import PhasegateCore

extension ReviewRecord {
    /// What is asked after a phase.
    func agenda(after phase: RolloutReport.PhaseReport) -> [Review.Section] {
        [
            successCriteria(of: phase), roundsAndFailures(of: phase), stops(of: phase), deviation(of: phase),
            raisedRisks(of: phase), whatIsLeft(of: phase), whatGoesOn(after: phase),
        ]
    }

    private func section(
        _ heading: String,
        _ sentences: [String],
        _ tables: [Table] = [],
        _ actions: [Action] = []
    ) -> Review.Section {
        Review.Section(heading, ["S2-122"], sentences, tables, actions)
    }

    private func successCriteria(of phase: RolloutReport.PhaseReport) -> Review.Section {
        guard !phase.criteria.isEmpty else {
            return section(
                "Success criteria",
                ["Nothing shows success: the phase has no criteria, and what is not measured does not pass."]
            )
        }
        return section(
            "Success criteria",
            [tallySentence(phase.criteria)],
            [criteriaTable(phase.criteria, "Values against bounds and baselines")]
        )
    }

    private func roundsAndFailures(of phase: RolloutReport.PhaseReport) -> Review.Section {
        let gates = phase.stages.filter { $0.kind == .gate && $0.rounds > 0 }
        let weighed = phase.criteria.filter { $0.rounds > 0 }
        guard !gates.isEmpty || !weighed.isEmpty else {
            return section("Rounds and failures", ["There were no rounds: no gate of the phase has been weighed."])
        }
        let failing = weighed.filter { $0.failures > 0 }
        return section(
            "Rounds and failures",
            [
                "\(counted(gates.reduce(0) { $0 + $1.rounds }, "round")) at \(counted(gates.count, "gate")).",
                failing.isEmpty
                    ? "No criterion ever failed to pass."
                    : "Did not always pass: \(failing.map { "'\($0.name)'" }.joined(separator: ", ")).",
            ],
            [
                Table(
                    "Gates",
                    ["Gate", "State", "Rounds", "Last verdict", "Reason"],
                    gates.map { gate in
                        [
                            Cell(gate.name.rawValue), Cell(Badge(gate.progress)), Cell(grouped(gate.rounds)),
                            gate.verdict.map { Cell(Badge($0.outcome)) } ?? Cell("none"),
                            Cell(gate.verdict?.reason ?? gate.sentence),
                        ]
                    }
                ), roundsTable(weighed),
            ]
        )
    }

    /// How often criteria were weighed and did not pass.
    func roundsTable(_ criteria: [RolloutReport.CriterionReport]) -> Table {
        Table(
            "Rounds of the criteria, over the whole rollout",
            ["Criterion", "Rounds", "Not passed", "Share", "Now"],
            criteria.map { criterion in
                [
                    Cell(criterion.name.rawValue), Cell(grouped(criterion.rounds)), Cell(grouped(criterion.failures)),
                    Cell(share(criterion.failures, of: criterion.rounds)),
                    Cell(Badge(finding: criterion.finding?.outcome)),
                ]
            }
        )
    }

    func share(_ part: Int, of whole: Int) -> String {
        whole <= 0 ? "not weighed" : "\(shortDecimal((1000 * Double(part) / Double(whole)).rounded() / 10)) %"
    }

    private func stops(of phase: RolloutReport.PhaseReport) -> Review.Section {
        let stops = stops(in: [phase])
        let undone = phase.stages.filter { $0.progress == .undone || $0.progress == .failed }
        var sentences = [stopsSentence(stops)]
        if !undone.isEmpty {
            sentences.append(
                "Stages that failed or were taken back: \(undone.map { "'\($0.name)'" }.joined(separator: ", "))."
            )
        }
        return section("Held or rolled back", sentences, [stopsTable(stops), courseTable(of: phase.name)])
    }

    private func deviation(of phase: RolloutReport.PhaseReport) -> Review.Section {
        let deviation = PlanDeviation(of: phase, in: report).sentence(of: phase, at: report.generatedAt)
        let effort =
            phase.effort.map { "Planned effort: \($0); what it took is not measured." }
            ?? "No effort was planned, and none is measured."
        return section(
            "Deviation from the plan",
            ["Against the window: \(deviation).", effort],
            [timelineTable([phase])]
        )
    }

    private func raisedRisks(of phase: RolloutReport.PhaseReport) -> Review.Section {
        let risks = report.risks.filter { $0.phases.contains(phase.name) || phase.risks.contains($0.id) }
        guard !risks.isEmpty else {
            return section("Risks that were raised", ["None could be: no risk of the register belongs to the phase."])
        }
        let raised = risks.filter { risk in
            risk.raisedBy.contains { name in phase.criteria.contains { $0.name == name } }
        }
        let told = raisingSentences(risks)
        let unmeasured = risks.filter { !$0.isMeasured }
        var sentences = [
            raised.isEmpty
                ? "No failing criterion of the phase raises a risk now."
                : "Raised now: \(raised.map(\.id.rawValue).joined(separator: ", "))."
        ]
        sentences += told.isEmpty ? ["No alert about its risks was fired in this time."] : told
        if !unmeasured.isEmpty {
            sentences.append("Not measured: \(unmeasured.map(\.id.rawValue).joined(separator: ", ")).")
        }
        return section("Risks that were raised", sentences, [registerTable(risks, "Risks of the phase")])
    }

    private func whatIsLeft(of phase: RolloutReport.PhaseReport) -> Review.Section {
        let leftovers = leftovers(of: phase)
        let count = leftovers.table.rows.count + leftovers.table.leftOut
        return section(
            "Conditions and waivers left",
            [
                leftovers.table.rows.isEmpty
                    ? "None: no gate of the phase opened under a condition, and nothing was waived."
                    : "\(counted(count, "condition or waiver", "conditions and waivers"))."
            ],
            [leftovers.table],
            leftovers.actions
        )
    }

    private func whatGoesOn(after phase: RolloutReport.PhaseReport) -> Review.Section {
        let open = phase.criteria.filter { $0.finding?.outcome != .pass }
        let unproven = phase.mitigations.filter {
            mitigationRow($0, of: phase).badge.tone.renderText != Badge.Tone.pass.rawValue
        }
        let waiting = report.phases.filter { $0.needs.contains(phase.name) && $0.progress != .finished }
        var sentences: [String] = []
        if !open.isEmpty {
            sentences.append("\(counted(open.count, "criterion does", "criteria do")) not pass or were never weighed.")
        }
        if !unproven.isEmpty {
            sentences.append("\(counted(unproven.count, "mitigation")) not shown to work.")
        }
        if !waiting.isEmpty {
            sentences.append("Waiting for this phase: \(waiting.map { "'\($0.name)'" }.joined(separator: ", ")).")
        }
        if sentences.isEmpty {
            sentences.append("Nothing is carried on: all criteria pass, all mitigations are shown, no phase waits.")
        }
        return section(
            "What to carry on",
            sentences,
            [],
            open.map { criterion in
                Action(
                    criterion.finding.map { "Settle '\(criterion.name)': \($0.reason)" }
                        ?? "Have '\(criterion.name)' weighed; it was not measured",
                    owner: owners(of: criterion.risks)
                )
            } + unproven.map { Action("Show that it works: \($0.text)", owner: owners(of: phase.risks)) }
        )
    }
}

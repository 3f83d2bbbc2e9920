import PhasegateCore
import PhasegateRisk
import Testing

@Suite struct RiskLevelTests {
    private static let grid = RiskGrid(
        id: "g",
        version: 1,
        likelihoods: [.init(word: "Low", from: 0, to: 50), .init(word: "High", from: 50, to: 100)],
        impacts: ["Low", "High"],
        levels: ["LOW", "MEDIUM", "HIGH"],
        cells: [["LOW", "MEDIUM"], ["MEDIUM", "HIGH"]]
    )

    @Test(
        arguments: [
            ("Low", nil, "Low", "HIGH", "HIGH"), ("High", nil, "High", "LOW", "HIGH"),
            ("Low", nil, "High", nil, "MEDIUM"),
            // 60 % stands for High, which the grid makes HIGH; the word alone would be MEDIUM.
            ("Low", 60, "High", "MEDIUM", "HIGH"),
            ("High", 10, "Low", "MEDIUM", "MEDIUM"),
            ("Huge", nil, "High", "LOW", "HIGH"),
        ] as [(String, Double?, String, String?, String)]
    )
    func theStrictestVoiceCountsHereAndInTheAppraisal(
        likelihood: String,
        percent: Double?,
        impact: String,
        declaredLevel: String?,
        expected: String
    ) {
        let risk = Risk(
            id: "R",
            title: "r",
            declared: Risk.Declared(
                likelihood: likelihood,
                percent: percent,
                impact: impact,
                level: declaredLevel,
                priority: nil
            )
        )
        let register = RiskRegister(grid: Self.grid, risks: [risk])
        #expect(level(of: risk, in: register) == expected)
        #expect(appraise(register, phases: [], evidence: []).map(\.level) == [expected])
    }

    private func criterion(_ risks: [RiskID]) -> Criterion {
        Criterion(
            name: "same-name",
            role: .success,
            risks: risks,
            probe: Criterion.ProbeSpec(kind: "p", settings: .map([:])),
            bounds: Criterion.Bounds()
        )
    }

    private func finding(_ outcome: Finding.Outcome) -> Finding {
        Finding(criterion: "same-name", role: .success, strength: .must, outcome: outcome, reason: "", bound: "")
    }

    @Test func aRiskIsMeasuredOnceACriterionThatPointsAtItIsKnown() {
        let declared = Risk.Declared(likelihood: "Low", percent: nil, impact: "Low", level: nil, priority: nil)
        let position = Risk.Position(likelihood: "High", impact: "High")
        let target = Risk.Position(likelihood: "Low", impact: "Low")
        let ids: [RiskID] = ["failed", "unknown", "passed", "never", "nobody"]
        let register = RiskRegister(
            grid: Self.grid,
            risks: ids.map {
                Risk(
                    id: $0,
                    title: "",
                    declared: declared,
                    inherent: position,
                    target: target,
                    isStanding: $0 == "never",
                    owner: "Ada"
                )
            }
        )
        // One name in four phases: what one says is not what the others say.
        let appraisals = appraise(
            register,
            phases: [],
            evidence: [
                (criterion(["failed"]), finding(.fail)), (criterion(["unknown"]), finding(.unknown)),
                (criterion(["passed"]), finding(.pass)), (criterion(["never"]), nil),
            ]
        )
        #expect(appraisals.map(\.isMeasured) == [true, false, true, false, false])
        #expect(appraisals.map(\.raisedBy) == [["same-name"], [], [], [], []])
        #expect(appraisals.map(\.isStanding) == [false, false, false, true, false])
        #expect(appraisals.allSatisfy { $0.inherent == position && $0.target == target && $0.owner == "Ada" })
    }
}

import PhasegateCore
import PhasegateRisk
import Testing

@Suite struct AppraisalTests {
    private let grid = RiskGrid(
        id: "g",
        version: 1,
        likelihoods: [.init(word: "Low", from: 0, to: 50), .init(word: "High", from: 50, to: 100)],
        impacts: ["Low", "High"],
        levels: ["LOW", "MEDIUM", "HIGH"],
        cells: [["LOW", "MEDIUM"], ["MEDIUM", "HIGH"]]
    )

    private func appraisal(
        _ likelihood: String,
        _ percent: Double?,
        _ impact: String,
        _ level: String?,
        on grid: RiskGrid? = nil
    ) -> RiskAppraisal? {
        let declared = Risk.Declared(
            likelihood: likelihood,
            percent: percent,
            impact: impact,
            level: level,
            priority: nil
        )
        let register = RiskRegister(grid: grid ?? self.grid, risks: [Risk(id: "R", title: "r", declared: declared)])
        return appraise(register, phases: [], findings: [], criteria: []).first
    }

    @Test(
        arguments: [
            ("Low", nil, "Low", "LOW", "LOW", "LOW", nil),
            ("Low", nil, "Low", nil, "LOW", "LOW", nil),
            (
                "Low", nil, "Low", "HIGH", "LOW", "HIGH",
                "declared HIGH, but the grid says LOW for likelihood Low and impact Low"
            ),
            (
                "High", nil, "High", "LOW", "HIGH", "HIGH",
                "declared LOW, but the grid says HIGH for likelihood High and impact High"
            ),
            ("Low", 50, "Low", "LOW", "LOW", "MEDIUM", "declared likelihood Low, but 50 % stands for High"),
            ("High", 100, "Low", "MEDIUM", "MEDIUM", "MEDIUM", nil),
            ("Huge", nil, "Low", "LOW", nil, "HIGH", "likelihood Huge and impact Low are not on the grid"),
        ] as [(String, Double?, String, String?, String?, String, String?)]
    )
    func bothVoicesAreHeard(
        likelihood: String,
        percent: Double?,
        impact: String,
        level: String?,
        derived: String?,
        strictest: String,
        disagreement: String?
    ) {
        let appraisal = appraisal(likelihood, percent, impact, level)
        #expect(appraisal?.derivedLevel == derived)
        #expect(appraisal?.level == strictest)
        #expect(appraisal?.disagreement == disagreement)
        #expect(appraisal?.declared.level == level)
    }

    @Test func anEmptyGridMakesNothingLow() {
        #expect(appraisal("Low", nil, "Low", nil, on: RiskRegister.empty.grid)?.level == "unknown")
    }

    @Test func failingCriteriaRaiseTheirRisks() {
        func criterion(_ name: CriterionName, _ risks: [RiskID]) -> Criterion {
            Criterion(
                name: name,
                role: .success,
                risks: risks,
                probe: Criterion.ProbeSpec(kind: "p", settings: .map([:])),
                bounds: Criterion.Bounds()
            )
        }
        func finding(_ name: CriterionName, _ outcome: Finding.Outcome) -> Finding {
            Finding(criterion: name, role: .success, strength: .must, outcome: outcome, reason: "", bound: "")
        }
        let declared = Risk.Declared(likelihood: "Low", percent: nil, impact: "Low", level: nil, priority: nil)
        let register = RiskRegister(
            grid: grid,
            risks: [
                Risk(id: "R1", title: "", declared: declared),
                Risk(id: "R2", title: "", declared: declared, isStanding: true),
            ]
        )
        let criteria = [
            criterion("a", ["R1"]), criterion("b", ["R1", "R2"]), criterion("c", ["R1"]), criterion("d", []),
        ]
        let phases = [Phase(name: "p", title: "p", risks: ["R1", "R2"]), Phase(name: "q", title: "q", risks: ["R1"])]
        let appraisals = appraise(
            register,
            phases: phases,
            findings: [finding("b", .fail), finding("a", .fail), finding("c", .unknown), finding("d", .fail)],
            criteria: criteria
        )
        #expect(appraisals.map(\.raisedBy) == [["a", "b"], ["b"]])
        #expect(appraisals.map(\.phases) == [["p", "q"], []])
    }
}

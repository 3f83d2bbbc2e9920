import PhasegateCore

/// The register on its own grid, and where its two voices differ.
struct RiskSection {
    /// A cell of the grid.
    struct Cell {
        let rank: Shown
        let level: Shown
        let hasRisks: Bool
        let risks: [Mark]
    }

    /// A risk in a cell.
    struct Mark {
        let anchor: Shown
        let id: Shown
        let isRaised: Bool
    }

    /// A likelihood with its cells.
    struct Row {
        let likelihood: Shown
        let range: Shown
        let cells: [Cell]
    }

    /// A risk in full.
    struct Entry {
        let anchor: Shown
        let id: Shown
        let title: Shown
        let declared: Shown
        let declaredLevel: Shown
        let derived: Shown
        let rank: Shown
        let level: Shown
        let phases: Shown
        let isRaised: Bool
        let raisedBy: Shown
        let disagreement: Shown
    }

    let hasRegister: Bool
    let hasGrid: Bool
    let grid: Shown
    let impactCount: Shown
    let impacts: [Shown]
    let rows: [Row]
    let hasEntries: Bool
    let entries: [Entry]
    let disagreements: Shown
    let offGrid: Shown

    init(_ report: RolloutReport) {
        let grid = report.grid
        let risks = report.risks.enumerated().map { (number: $0 + 1, risk: $1) }
        let hasGrid = !grid.likelihoods.isEmpty && !grid.impacts.isEmpty
        self.hasGrid = hasGrid
        hasEntries = !risks.isEmpty
        hasRegister = hasGrid || hasEntries
        self.grid = Shown("\(grid.id), version \(grid.version)")
        impactCount = Shown(String(grid.impacts.count))
        impacts = grid.impacts.map { Shown($0) }
        rows = grid.likelihoods.indices.reversed().map { row in
            let likelihood = grid.likelihoods[row]
            return Row(
                likelihood: Shown(likelihood.word),
                range: Shown("\(shortDecimal(likelihood.from)) to \(shortDecimal(likelihood.to)) %"),
                cells: grid.impacts.map { impact in
                    let level = grid.level(likelihood: likelihood.word, impact: impact) ?? ""
                    let marks = risks.filter {
                        $0.risk.declared.likelihood == likelihood.word && $0.risk.declared.impact == impact
                    }.map {
                        Mark(
                            anchor: Shown("risk-\($0.number)"),
                            id: Shown($0.risk.id.rawValue),
                            isRaised: !$0.risk.raisedBy.isEmpty
                        )
                    }
                    return Cell(
                        rank: grid.rank(of: level),
                        level: Shown(level.isEmpty ? "no level" : level),
                        hasRisks: !marks.isEmpty,
                        risks: marks
                    )
                }
            )
        }
        entries = risks.map { Entry($0.risk, number: $0.number, on: grid) }
        let count = report.risks.count { $0.disagreement != nil }
        disagreements = Shown(
            count == 0
                ? ""
                : counted(count, "risk is", "risks are")
                    + " declared otherwise than the grid derives; the stricter level counts."
        )
        let strays = report.risks.filter {
            hasGrid && grid.level(likelihood: $0.declared.likelihood, impact: $0.declared.impact) == nil
        }
        offGrid = Shown(strays.map(\.id.rawValue).joined(separator: ", "))
    }
}

extension RiskSection.Entry {
    fileprivate init(_ risk: RiskAppraisal, number: Int, on grid: RiskGrid) {
        anchor = Shown("risk-\(number)")
        id = Shown(risk.id.rawValue)
        title = Shown(risk.title)
        let percent = risk.declared.percent.map { " (\(shortDecimal($0)) %)" } ?? ""
        declared = Shown("\(risk.declared.likelihood)\(percent), impact \(risk.declared.impact)")
        let priority = risk.declared.priority.map { ", priority \($0)" } ?? ""
        declaredLevel = Shown((risk.declared.level ?? "none given") + priority)
        derived = Shown(risk.derivedLevel ?? "not on the grid")
        rank = grid.rank(of: risk.level)
        level = Shown(risk.level)
        phases = Shown(
            risk.phases.isEmpty ? "no phase of its own" : risk.phases.map(\.rawValue).joined(separator: ", ")
        )
        isRaised = !risk.raisedBy.isEmpty
        raisedBy = Shown(risk.raisedBy.map(\.rawValue).joined(separator: ", "))
        disagreement = Shown(risk.disagreement ?? "")
    }
}

extension RiskGrid {
    /// The level as one of five tints; a level that is not on the scale has none.
    fileprivate func rank(of level: String) -> Shown {
        guard let index = levels.firstIndex(of: level) else { return "none" }
        guard levels.count > 1 else { return "0" }
        return Shown(String((index * 4 + (levels.count - 1) / 2) / (levels.count - 1)))
    }
}

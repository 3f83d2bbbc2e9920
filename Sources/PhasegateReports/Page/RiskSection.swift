import PhasegateCore

/// The register on its own grid, and where its two voices differ.
struct RiskSection {
    /// A cell of the grid.
    struct Cell {
        let rank: Shown
        let level: Shown
        let hasRisks: Bool
        let risks: [Mark]
        /// How many there are where they are too many to name; empty otherwise.
        let crowd: Shown
        let crowdWords: Shown
    }

    /// A risk in a cell.
    struct Mark {
        let anchor: Shown
        let id: Shown
        let isRaised: Bool
        let isUnmeasured: Bool
        let href: Shown
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
        let isUnmeasured: Bool
        let way: Shown
        let owner: Shown
    }

    /// A risk whose two voices differ.
    struct Difference {
        let id: Shown
        let title: Shown
        let words: Shown
        let level: Shown
        let href: Shown
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
    let differences: [Difference]
    let offGrid: Shown
    let unmeasured: Shown
    let map: Drawing
    let hasMap: Bool
    let mapNote: Shown

    /// From this many on, a cell shows their number.
    private static let crowded = 5

    init(_ report: RolloutReport, for audience: Audience) {
        let grid = report.grid
        let isLinked = audience != .stakeholder
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
                            isRaised: !$0.risk.raisedBy.isEmpty,
                            isUnmeasured: !$0.risk.isMeasured,
                            href: Shown(isLinked ? "#risk-\($0.number)" : "")
                        )
                    }
                    let isCrowded = marks.count >= Self.crowded
                    let raised = (marks.count(where: \.isRaised), "raised")
                    let unmeasured = (marks.count(where: \.isUnmeasured), "not measured")
                    let words = [raised, unmeasured].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
                        .joined(separator: ", ")
                    return Cell(
                        rank: Shown(grid.rank(of: level)),
                        level: Shown(level.isEmpty ? "no level" : level),
                        hasRisks: !marks.isEmpty && !isCrowded,
                        risks: marks,
                        crowd: Shown(isCrowded ? counted(marks.count, "risk") : ""),
                        crowdWords: Shown(words)
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
        differences = risks.compactMap { number, risk in
            risk.disagreement.map {
                Difference(
                    id: Shown(risk.id.rawValue),
                    title: Shown(risk.title),
                    words: Shown($0),
                    level: Shown(risk.level),
                    href: Shown(isLinked ? "#risk-\(number)" : "")
                )
            }
        }
        let unknown = report.risks.filter { !$0.isMeasured }
        unmeasured = Shown(
            unknown.isEmpty
                ? ""
                : "Nothing that points at \(unknown.map(\.id.rawValue).joined(separator: ", ")) has been measured; "
                    + "that is not the same as a small risk."
        )
        let map = RiskMap(grid, report.risks)
        self.map = map.drawing(
            title: "Risks on their way: inherent, current, target",
            description: map.moving.prefix(RiskMap.limit).map { "\($0.id): \($0.waySentence), \($0.standingSentence)" }
                .joined(separator: "; ")
        )
        hasMap = !map.moving.isEmpty
        mapNote = Shown(
            map.moving.count > RiskMap.limit
                ? "The first \(RiskMap.limit) of \(map.moving.count) are drawn; the register lists all." : ""
        )
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
        rank = Shown(risk.isMeasured ? grid.rank(of: risk.level) : "none")
        level = Shown(risk.level)
        phases = Shown(
            risk.phases.isEmpty ? "no phase of its own" : risk.phases.map(\.rawValue).joined(separator: ", ")
        )
        isRaised = !risk.raisedBy.isEmpty
        raisedBy = Shown(risk.raisedBy.map(\.rawValue).joined(separator: ", "))
        disagreement = Shown(risk.disagreement ?? "")
        isUnmeasured = !risk.isMeasured
        way = Shown(risk.waySentence)
        owner = Shown(risk.owner ?? "")
    }
}

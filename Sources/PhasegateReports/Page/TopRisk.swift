import PhasegateCore

/// A risk on the first screen.
struct TopRisk {
    let id: Shown
    let title: Shown
    let rollout: Shown
    let level: Shown
    let rank: Shown
    let isUnmeasured: Bool
    let standing: Shown
    let way: Shown
    let owner: Shown
    let href: Shown

    /// The highest risks of one rollout, in the order of `ranked`.
    ///
    /// - Parameters:
    ///   - report: whose risks.
    ///   - limit: the most that are wanted.
    /// - Returns: the risks with their place in the register, counted from 1.
    static func ordered(in report: RolloutReport, atMost limit: Int) -> [(number: Int, risk: RiskAppraisal)] {
        ranked(in: [report]).prefix(limit).map { ($0.number, $0.risk) }
    }

    /// All risks of some rollouts: by level, raised ones first among equals, then those nobody has measured.
    ///
    /// Grids may have different numbers of levels; the highest of each weighs the same. A level that is not on its
    /// grid is above all.
    ///
    /// - Parameter reports: whose risks.
    /// - Returns: each with the place of its rollout, and its own in the register, counted from 1.
    static func ranked(
        in reports: [RolloutReport]
    ) -> [(report: Int, number: Int, risk: RiskAppraisal)] {
        let all = reports.enumerated().flatMap { place, report in
            let levels = report.grid.levels
            return report.risks.enumerated().map { index, risk in
                let level = levels.firstIndex(of: risk.level).map { Double($0) / Double(max(1, levels.count - 1)) }
                let height = (level ?? .infinity, risk.raisedBy.isEmpty ? 0 : 1, risk.isMeasured ? 0 : 1)
                return (height: height, line: (report: place, number: index + 1, risk: risk))
            }
        }
        // Equals stay in the order of the rollouts and their registers.
        return all.enumerated().sorted { one, other in
            one.element.height == other.element.height
                ? one.offset < other.offset : one.element.height > other.element.height
        }.map(\.element.line)
    }

    init(_ risk: RiskAppraisal, on grid: RiskGrid, rollout: String = "", href: String) {
        id = Shown(risk.id.rawValue)
        title = Shown(risk.title)
        self.rollout = Shown(rollout)
        level = Shown(risk.level)
        rank = Shown(risk.isMeasured ? grid.rank(of: risk.level) : "none")
        isUnmeasured = !risk.isMeasured
        standing = Shown(risk.standingSentence)
        way = Shown(risk.waySentence)
        owner = Shown(risk.owner ?? "")
        self.href = Shown(href)
    }
}

extension RiskAppraisal {
    /// Whether it has become real, as far as that was measured.
    var standingSentence: String {
        let names = raisedBy.map(\.rawValue).joined(separator: ", ")
        if !raisedBy.isEmpty { return "raised by \(names)" }
        return isMeasured ? "not raised" : "not measured"
    }

    /// From where it began over where it is to where it is meant to come; empty where only one of them is known.
    var waySentence: String {
        guard inherent != nil || target != nil else { return "" }
        func words(_ position: Risk.Position?) -> String {
            position.map { "\($0.likelihood) \u{D7} \($0.impact)" } ?? "not given"
        }
        return "\(words(inherent)) \u{2192} \(words(current)) \u{2192} \(words(target))"
    }
}

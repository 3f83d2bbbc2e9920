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

    /// The highest risks: by level, raised ones first among equals, then those nobody has measured.
    ///
    /// - Parameters:
    ///   - report: whose risks.
    ///   - limit: the most that are wanted.
    /// - Returns: the risks with their place in the register, counted from 1.
    static func ordered(in report: RolloutReport, atMost limit: Int) -> [(number: Int, risk: RiskAppraisal)] {
        func height(_ risk: RiskAppraisal) -> Int {
            let level = report.grid.levels.firstIndex(of: risk.level) ?? report.grid.levels.count
            return level * 4 + (risk.raisedBy.isEmpty ? 0 : 2) + (risk.isMeasured ? 0 : 1)
        }
        let all = report.risks.enumerated().map { (number: $0 + 1, risk: $1, height: height($1)) }
        return all.sorted { $0.height == $1.height ? $0.number < $1.number : $0.height > $1.height }
            .prefix(limit).map { ($0.number, $0.risk) }
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

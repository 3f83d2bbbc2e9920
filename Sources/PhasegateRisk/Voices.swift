import PhasegateCore

/// What the register, the grid and the stated probability each say about a risk.
struct Voices {
    /// What the grid says; nothing when a word is not on the scale.
    let derived: String?
    /// The strictest of all voices.
    let strictest: String
    /// How they differ, as one sentence.
    let disagreement: String?

    /// Listens to all of them.
    init(of declared: Risk.Declared, on grid: RiskGrid) {
        let derived = grid.level(likelihood: declared.likelihood, impact: declared.impact)
        self.derived = derived
        var levels = [declared.level, derived].compactMap(\.self)
        var differences: [String] = []
        if let level = declared.level, let derived, level != derived {
            differences.append(
                "declared \(level), but the grid says \(derived) for likelihood \(declared.likelihood) "
                    + "and impact \(declared.impact)"
            )
        }
        if derived == nil {
            differences.append(
                "likelihood \(declared.likelihood) and impact \(declared.impact) are not on the grid"
            )
        }
        if let percent = declared.percent {
            let stated = "declared likelihood \(declared.likelihood), but \(shortDecimal(percent)) %"
            if let word = grid.likelihood(forPercent: percent) {
                if word != declared.likelihood {
                    differences.append("\(stated) stands for \(word)")
                    levels += [grid.level(likelihood: word, impact: declared.impact)].compactMap(\.self)
                }
            } else {
                differences.append("\(stated) is in no band of the grid")
            }
        }
        if derived == nil, let highest = grid.levels.last { levels.append(highest) }
        strictest = levels.dropFirst().reduce(levels.first ?? "unknown") { grid.stricter($0, $1) }
        disagreement = differences.isEmpty ? nil : differences.joined(separator: "; ")
    }
}

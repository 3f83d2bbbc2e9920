import PhasegateCore

/// How much of a large report one page shows; what is left out is counted on the page.
struct PageLimits {
    /// Criteria of one phase, beside all that do not pass.
    var criteria = 1_000
    /// Lines of the log, the last ones.
    var logLines = 1_000
    /// Notices, the last ones.
    var notices = 500
    /// Spans of a long history.
    var spans = 24
    /// Measured numbers in the embedded JSON.
    var samples = 4_000
    /// Bytes of the embedded JSON.
    var embeddedBytes = 2_000_000

    /// The usual limits, with histories in fewer spans where there are very many of them.
    init(for report: RolloutReport) {
        let count = report.phases.reduce(0) { $0 + $1.criteria.count }
        if count > 200 { spans = 10 }
    }

    /// Which criteria are shown: all that were weighed and do not pass, and others up to the limit; in their order.
    func kept(of all: [RolloutReport.CriterionReport]) -> [Int] {
        var others = 0
        return all.indices.filter { index in
            if let outcome = all[index].finding?.outcome, outcome != .pass { return true }
            others += 1
            return others <= criteria
        }
    }
}

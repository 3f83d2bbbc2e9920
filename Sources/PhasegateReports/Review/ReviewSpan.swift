import PhasegateCore

/// The time a review looks at: its start excluded, its end included, so that reviews that follow each other share nothing.
struct ReviewSpan: Hashable {
    /// Nothing where it has no start.
    let since: Moment?
    let until: Moment

    func contains(_ moment: Moment) -> Bool { moment <= until && since.map { moment > $0 } ?? true }

    /// Whether something that may still go on lies in it, at least in part.
    func overlaps(_ from: Moment, _ to: Moment?) -> Bool {
        from <= until && (since.map { (to ?? until) > $0 } ?? true)
    }

    /// The part of a span of time that lies in it.
    func duration(_ from: Moment, _ to: Moment?) -> Duration {
        let start = since.map { max($0, from) } ?? from
        let end = min(to ?? until, until)
        return end > start ? end - start : .zero
    }

    /// The span in words.
    var sentence: String {
        since.map { "\($0.forPeople) to \(until.forPeople) UTC" } ?? "from the beginning to \(until.forPeople) UTC"
    }
}

import Mustache
import PhasegateCore
import PhasegateHashing

/// What `review.mustache` shows, in its order.
struct ReviewPage {
    /// A point of the agenda.
    struct Section {
        let anchor: Shown
        let number: Shown
        let heading: Shown
        let askedBy: Shown
        let sentences: [Shown]
        let tables: [Table]
        let hasActions: Bool
        let actions: [Action]
        let leftOut: Shown
    }

    /// Facts of one kind.
    struct Table {
        let caption: Shown
        let columns: [Shown]
        let rows: [Row]
        let leftOut: Shown
    }

    /// A row: its head, and the other cells.
    struct Row {
        let head: Cell
        let cells: [Cell]
    }

    /// A text, or a word with its shape.
    struct Cell {
        let badge: [Badge]
        let text: Shown

        init(_ cell: Review.Cell) {
            badge = cell.tone.map { [Badge($0, cell.text)] } ?? []
            text = Shown(cell.tone == nil ? cell.text : "")
        }
    }

    /// Something somebody has to do.
    struct Action {
        let what: Shown
        let owner: Shown
        let due: [Time]
    }

    let styles: Drawing
    let styleSource: Drawing
    let title: Shown
    let occasion: Shown
    let rollout: Shown
    let version: Shown
    let generated: Time
    let status: Badge
    let verdict: [Badge]
    let hasVerdict: Bool
    let headline: Shown
    let reason: Shown
    let origin: Shown
    let sections: [Section]

    /// Dresses a review in the styles of a library.
    ///
    /// - Throws: `TemplateError` when they cannot be used.
    init(_ review: Review, _ library: TemplateLibrary) throws(TemplateError) {
        let styles = try library.styles(["styles", "review-styles"])
        self.styles = Drawing(styles)
        styleSource = Drawing(contentSecurityHash(of: styles))
        title = Shown(review.title)
        occasion = Shown(review.occasion)
        rollout = Shown(review.rollout.rawValue)
        version = Shown(review.version)
        generated = Time(review.generatedAt)
        status = Badge(review.status)
        verdict = review.verdict.map { [Badge($0)] } ?? []
        hasVerdict = review.verdict != nil
        headline = Shown(review.headline)
        reason = Shown(review.reason)
        origin = Shown(review.origin)
        sections = review.sections.enumerated().map { index, section in
            Section(
                anchor: Shown("point-\(index + 1)"),
                number: Shown(String(index + 1)),
                heading: Shown(section.heading),
                askedBy: Shown(section.sources.joined(separator: ", ")),
                sentences: section.sentences.map { Shown($0) },
                tables: section.tables.map { Table($0) },
                hasActions: !section.actions.isEmpty,
                actions: section.actions.map { action in
                    Action(
                        what: Shown(action.what),
                        owner: Shown(action.owner ?? "nobody named"),
                        due: action.due.times
                    )
                },
                leftOut: Shown(section.leftOut > 0 ? "\(counted(section.leftOut, "line")) more left out for size." : "")
            )
        }
    }
}

extension ReviewPage.Table {
    init(_ table: Review.Table) {
        caption = Shown(table.caption)
        columns = table.columns.map { Shown($0) }
        rows = table.rows.compactMap { row in
            row.first.map {
                ReviewPage.Row(head: ReviewPage.Cell($0), cells: row.dropFirst().map { ReviewPage.Cell($0) })
            }
        }
        leftOut = Shown(table.leftOut > 0 ? "\(counted(table.leftOut, "row")) more left out for size." : "")
    }
}

extension ReviewPage.Cell: MustacheParent {
    /// Without reflection, as `CriterionRow`: a review may hold thousands of them.
    func child(named key: String) -> Any? {
        switch key {
        case "badge": badge
        case "text": text
        default: nil
        }
    }
}

extension TemplateLibrary {
    /// Style sheets as the content of one element.
    ///
    /// - Throws: `TemplateError` for one that does not render, or would end the element inside it.
    fileprivate func styles(_ names: [String]) throws(TemplateError) -> String {
        struct Nothing {}
        var styles = ""
        for name in names {
            let style = try render(Nothing(), with: name)
            if style.contains("</") || style.contains("<!--") {
                throw TemplateError(file: "\(name).mustache", message: "it may hold neither '</' nor '<!--'")
            }
            styles += style
        }
        return styles
    }
}

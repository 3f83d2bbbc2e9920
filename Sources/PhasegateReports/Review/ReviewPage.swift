import FoundationEssentials
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

    init(_ review: Review) {
        let styles = TemplateLibrary.text(of: "styles") + TemplateLibrary.text(of: "review-styles")
        self.styles = Drawing(styles)
        styleSource = Drawing(Self.source(of: styles))
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

    /// The one style block by its digest, as a content security policy names it, with its quotes.
    private static func source(of styles: String) -> String {
        let digits = Array(sha256(of: styles).utf8)
        let bytes = stride(from: 0, to: digits.count - 1, by: 2).compactMap { index in
            UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16)
        }
        return "'sha256-\(Data(bytes).base64EncodedString())'"
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

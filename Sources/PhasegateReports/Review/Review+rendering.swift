public import PhasegateCore

extension Review {
    /// The review as one page that needs nothing from outside and as Markdown.
    ///
    /// - Parameter templates: a directory of files that replace templates of the page; nothing for ours.
    /// - Returns: two files, named after the pack, as `weekly-risk-review.html` and `weekly-risk-review.md`.
    /// - Throws: `TemplateError` when a template cannot be used; the review itself is always renderable.
    public func files(templates: String? = nil) throws -> [ReportFile] {
        let library = try TemplateLibrary(replacedBy: templates)
        let page = try library.render(ReviewPage(self, library), with: "review")
        return [
            ReportFile(name: "\(pack.fileName).html", bytes: [UInt8](page.utf8)),
            ReportFile(name: "\(pack.fileName).md", bytes: [UInt8](markdown.utf8)),
        ]
    }

    /// GitHub-flavoured Markdown without HTML, at most 900 kB.
    public var markdown: String {
        var markdown = MarkdownWriter()
        let verdict = verdict.map { "last gate says \(Badge($0).markdown)" } ?? "no gate has been weighed yet"
        markdown.heading(2, MarkdownText.inert(title))
        markdown.paragraph(MarkdownText.inert(occasion, atMost: 1_000))
        markdown.paragraph("Rollout \(Badge(status).markdown), \(verdict).")
        if !headline.isEmpty { markdown.paragraph(MarkdownText.bold(headline, atMost: 1_000)) }
        if !reason.isEmpty { markdown.paragraph("Reason: \(MarkdownText.inert(reason, atMost: 1_000))") }
        for (index, section) in sections.enumerated() {
            markdown.heading(3, "\(index + 1)\\. \(section.heading)")
            markdown.list(section.sentences.map { MarkdownText.inert($0, atMost: 600) })
            for table in section.tables {
                markdown.paragraph("\(MarkdownText.inert(table.caption)):")
                markdown.table(table.columns, table.rows.map { $0.map(\.markdown) })
                if table.leftOut > 0 { markdown.paragraph("\(counted(table.leftOut, "row")) more left out for size.") }
            }
            if !section.actions.isEmpty {
                markdown.paragraph("Open actions:")
                markdown.table(
                    ["What", "Who", "Until (UTC)"],
                    section.actions.map { action in
                        [
                            MarkdownText.inert(action.what, atMost: 600),
                            MarkdownText.inert(action.owner ?? "nobody named"),
                            action.due?.forPeople ?? "no time named",
                        ]
                    }
                )
            }
            if section.leftOut > 0 { markdown.paragraph("\(counted(section.leftOut, "line")) more left out for size.") }
            markdown.paragraph("Asked for by \(section.sources.joined(separator: ", ")).")
        }
        return markdown.finished(
            closing: [
                "Made \(generatedAt.forPeople) UTC by phasegate \(MarkdownText.inert(version)) from the ledger of "
                    + "\(MarkdownText.code(rollout.rawValue)): \(MarkdownText.inert(origin)). All times are UTC. "
                    + "What was not measured is said to be so and never counts as passed."
            ],
            fullReport: MarkdownReport.fullReport
        )
    }
}

extension Review.Cell {
    /// The text, behind a sign where it says how something stands.
    fileprivate var markdown: String {
        tone.map { Badge($0, text).markdown } ?? MarkdownText.inert(text)
    }
}

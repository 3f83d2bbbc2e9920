public import PhasegateCore
import PhasegateHashing

/// One page for people: no network, no script needed, readable in the dark and on paper.
public struct HTMLReport: ReportFormat {
    /// Name on the command line.
    public let name = "html"
    private let audience: Audience
    private let templates: String?

    /// Makes the format.
    ///
    /// - Parameters:
    ///   - audience: how deep the page goes; what it says is the same for all.
    ///   - templates: a directory of files that replace templates of ours; see `templates/README.md`.
    public init(audience: Audience = .engineer, templates: String? = nil) {
        self.audience = audience
        self.templates = templates
    }

    /// Renders the report into `report.html`, `report-lead.html` or `report-stakeholder.html`.
    ///
    /// - Parameter report: what is shown.
    /// - Returns: one file.
    /// - Throws: `TemplateError` when a template cannot be used.
    public func render(_ report: RolloutReport) throws -> [ReportFile] {
        let library = try TemplateLibrary(replacedBy: templates)
        let page = try library.render(Page(report, for: audience, in: Dress(library)))
        let name =
            switch audience {
            case .engineer: "report.html"
            case .lead, .stakeholder: "report-\(audience.rawValue).html"
            }
        return [ReportFile(name: name, bytes: [UInt8](page.utf8))]
    }

    /// Renders several rollouts into `programme.html`.
    ///
    /// - Parameters:
    ///   - programme: the rollouts.
    ///   - paths: of the rollouts' own pages, in their order, seen from the directory this one goes to; nothing for a
    ///     rollout that has none. By default `../NAME/report.html`.
    /// - Returns: one file.
    /// - Throws: `TemplateError` when a template cannot be used.
    public func render(_ programme: ProgrammeReport, linkingTo paths: [String?]? = nil) throws -> [ReportFile] {
        let library = try TemplateLibrary(replacedBy: templates)
        let page = try ProgrammePage(programme, linkingTo: paths, in: Dress(library))
        let text = try library.render(page, with: "programme")
        return [ReportFile(name: "programme.html", bytes: [UInt8](text.utf8))]
    }
}

extension Dress {
    /// Renders styles and script and hashes them as a browser will.
    ///
    /// - Throws: `TemplateError` when one of the two cannot be used.
    init(_ library: TemplateLibrary) throws(TemplateError) {
        struct Nothing {}
        let style = try library.render(Nothing(), with: "styles")
        let script = try library.render(Nothing(), with: "script")
        // What would end the element inside it would be shown as text and change what the browser hashes.
        for (name, text) in [("styles", style), ("script", script)] where text.contains("</") || text.contains("<!--") {
            throw TemplateError(file: "\(name).mustache", message: "it may hold neither '</' nor '<!--'")
        }
        self.style = Drawing(style)
        styleHash = Drawing(contentSecurityHash(of: style))
        self.script = Drawing(script)
        scriptHash = Drawing(contentSecurityHash(of: script))
    }
}

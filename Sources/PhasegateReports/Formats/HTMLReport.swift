public import PhasegateCore

/// One page for people: no network, no script, readable in the dark and on paper.
public struct HTMLReport: ReportFormat {
    /// Name on the command line.
    public let name = "html"

    /// Makes the format; it has no settings.
    public init() {}

    /// Renders the report into `report.html`.
    ///
    /// - Parameter report: what is shown.
    /// - Returns: one file.
    /// - Throws: when a template does not parse or asks for a name the page does not have.
    public func render(_ report: RolloutReport) throws -> [ReportFile] {
        let page = try TemplateLibrary().render(Page(report))
        return [ReportFile(name: "report.html", bytes: [UInt8](page.utf8))]
    }
}

public import PhasegateCore

/// The whole report as JSON for machines: sorted keys, two-space indents, moments in ISO 8601.
public struct JSONReport: ReportFormat {
    /// Name on the command line.
    public let name = "json"

    /// Makes the format; it has no settings.
    public init() {}

    /// Renders the report into `report.json`.
    ///
    /// - Parameter report: what is shown.
    /// - Returns: one file.
    /// - Throws: never for a report of the core, whose numbers are encoded as words where JSON has none.
    public func render(_ report: RolloutReport) throws -> [ReportFile] {
        let bytes = try ReportJSON.encode(report, isIndented: true)
        return [ReportFile(name: "report.json", bytes: bytes + [UInt8(ascii: "\n")])]
    }
}

/// A rendered file: its name within the report directory and its bytes.
public struct ReportFile: Hashable, Sendable {
    /// Name, as `report.html`.
    public let name: String
    /// Contents.
    public let bytes: [UInt8]

    /// Puts a file together.
    public init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }
}

/// Renders reports; deterministic: the same report gives the same bytes.
public protocol ReportFormat: Sendable {
    /// Name on the command line, as `html`.
    var name: String { get }

    /// Renders a report.
    ///
    /// - Throws: when a template is broken; the report itself is always renderable.
    func render(_ report: RolloutReport) throws -> [ReportFile]
}

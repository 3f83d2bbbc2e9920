/// How deep a report goes; never what it says is so.
public enum Audience: String, Codable, Sendable, CaseIterable {
    /// May we proceed and why, phases, top risks, what wants attention.
    case stakeholder
    /// And every criterion, risk, decision and notice.
    case lead
    /// And every query, sample, digest and the JSON of all that is shown.
    case engineer
}

/// A rendered file: its name within the report directory and its bytes.
public struct ReportFile: Sendable {
    /// Takes the next bytes; the buffer is only valid during the call.
    public typealias Sink = (UnsafeRawBufferPointer) throws -> Void

    /// Name, as `report.html`.
    public let name: String
    private let content: @Sendable (Sink) throws -> Void

    /// A file whose bytes are there already.
    public init(name: String, bytes: [UInt8]) {
        self.init(name: name) { sink in try bytes.withUnsafeBytes(sink) }
    }

    /// A file that is written piece by piece, so that it never has to fit into memory.
    ///
    /// - Parameters:
    ///   - name: within the report directory.
    ///   - content: hands all bytes to the sink, in order; gives the same bytes each time.
    public init(name: String, content: @escaping @Sendable (Sink) throws -> Void) {
        self.name = name
        self.content = content
    }

    /// Hands all bytes to a sink.
    ///
    /// - Throws: what the sink throws, or what stopped the rendering.
    public func write(to sink: Sink) throws { try content(sink) }

    /// The same file under another name.
    public func renamed(_ name: String) -> ReportFile { ReportFile(name: name, content: content) }

    /// All bytes at once.
    public func bytes() throws -> [UInt8] {
        var all: [UInt8] = []
        try write { all.append(contentsOf: $0) }
        return all
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

import FoundationEssentials

/// A directory of its own that goes away with the value.
public final class TemporaryDirectory: Sendable {
    /// Its path, without a slash at the end.
    public let path: String

    /// Makes an empty directory.
    ///
    /// - Throws: when it cannot be made.
    public init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "phasegate-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of a file in it, whether or not it is there.
    public func path(of name: String) -> String { "\(path)/\(name)" }
}

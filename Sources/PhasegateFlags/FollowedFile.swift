import PhasegateCore

/// A file of one flag that applications look at again and again.
struct FollowedFile: Sendable {
    let name: String
    let propagation: Duration
    let file: FlagFile

    /// Reads the settings `path` and `poll`.
    ///
    /// - Parameters:
    ///   - sink: as the rollout file has it.
    ///   - context: where relative paths begin.
    ///   - poll: how long applications take to notice, unless said otherwise.
    /// - Throws: `Diagnostic` when a setting is missing or out of its range.
    init(_ sink: Rollout.Flag.Sink, in context: FlagSinkContext, poll: Duration) throws(Diagnostic) {
        let settings = SinkSettings(sink.settings)
        name = sink.name
        file = FlagFile(path: context.absolute(try settings.required("path")))
        propagation = try settings.propagation("poll", default: poll)
    }

    /// Reports settings that `init` would refuse.
    static func check(_ settings: Setting) throws(Diagnostic) {
        _ = try SinkSettings(settings).required("path")
        _ = try SinkSettings(settings).propagation("poll", default: .zero)
    }
}

/// A kind of sink that is a file; only what stands in it differs.
protocol FlagFileSinkKind: FlagSinkKind {
    /// The file.
    var followed: FollowedFile { get }
}

extension FlagFileSinkKind {
    var name: String { followed.name }
    var propagation: Duration { followed.propagation }

    func read() async throws(FlagError) -> String? { try await followed.file.read() }

    func write(_ rule: FlagRule, over seen: String?) async throws(FlagError) {
        try await followed.file.write(content(for: rule))
    }
}

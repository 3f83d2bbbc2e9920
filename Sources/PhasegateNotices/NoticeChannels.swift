public import PhasegateCore

/// The channels there are, by the names a rollout uses.
public enum NoticeChannels {
    /// All names, in a fixed order.
    ///
    /// A new channel is one file, one name here and one case below.
    public static let names = ["console", "file"]

    /// Makes a channel by its name.
    ///
    /// - Parameters:
    ///   - name: as `file`.
    ///   - directory: where `file` writes.
    ///   - write: where `console` writes.
    /// - Returns: the channel of exactly that name.
    /// - Throws: a diagnostic that names the nearest channel, or all of them.
    public static func channel(
        named name: String,
        directory: String,
        write: @escaping @Sendable (String) -> Void
    ) throws(Diagnostic) -> any NoticeChannel {
        switch name {
        case "console": return ConsoleChannel(write: write)
        case "file": return FileChannel(directory: directory)
        default:
            let all = "there are \(names.joined(separator: ", "))"
            let hint = nearest(to: name, among: names).map { "did you mean '\($0)'? \(all)" } ?? all
            throw Diagnostic(rule: "unknown-channel", "there is no notice channel '\(name)'", hint: hint)
        }
    }
}

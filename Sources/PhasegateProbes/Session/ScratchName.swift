import Glibc

/// The name of a scratch database on a server, by which it is known when its maker has died.
public struct ScratchName: Sendable {
    /// What such names begin with; nothing else is ever dropped.
    public static let prefix = "phasegate_scratch_"

    /// The name.
    public let text: String

    /// A new one, of this process.
    ///
    /// - Parameter purpose: what it is for; letters only.
    public init(for purpose: String) {
        text = "\(Self.prefix)\(purpose)_\(getpid())_\(String(UInt64.random(in: 0...UInt64.max), radix: 36))"
    }

    /// Whether a name is one of these, and its maker, on this machine, is dead.
    ///
    /// - Parameter name: of any database.
    /// - Returns: false when in doubt.
    public static func isLeftOver(_ name: String) -> Bool {
        let parts = name.split(separator: "_")
        guard name.hasPrefix(prefix), parts.count >= 5, let process = pid_t(parts[parts.count - 2]), process > 0 else {
            return false
        }
        return kill(process, 0) != 0 && errno == ESRCH
    }
}

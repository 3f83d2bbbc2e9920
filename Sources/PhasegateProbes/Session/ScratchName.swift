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
        let random = String(UInt64.random(in: 0...UInt64.max), radix: 36)
        text = "\(Self.prefix)\(purpose)_\(Self.machine)_\(getpid())_\(random)"
    }

    /// Whether a name is one of these, and its maker, on this machine, is dead.
    ///
    /// - Parameter name: of any database.
    /// - Returns: false when in doubt.
    public static func isLeftOver(_ name: String) -> Bool {
        let parts = name.split(separator: "_")
        guard name.hasPrefix(prefix), parts.count >= 6, parts[parts.count - 3] == machine,
            let process = pid_t(parts[parts.count - 2]), process > 0
        else { return false }
        return kill(process, 0) != 0 && errno == ESRCH
    }

    /// This boot of this machine, as its processes see each other: in another container the same number is another
    /// process.
    public static let machine: String = {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in content(of: "/proc/sys/kernel/random/boot_id") + link("/proc/self/ns/pid") {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        return String(hash, radix: 36)
    }()

    private static func content(of path: String) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = max(0, read(file, &bytes, bytes.count))
        return Array(bytes.prefix(count))
    }

    private static func link(_ path: String) -> [UInt8] {
        var bytes = [CChar](repeating: 0, count: 256)
        let count = max(0, readlink(path, &bytes, bytes.count))
        return bytes.prefix(count).map { UInt8(bitPattern: $0) }
    }
}

import FoundationEssentials
import Glibc
import PhasegateCore

/// A program run to its end or to a deadline, with what it printed.
///
/// It gets a session of its own, so that the deadline reaches everything it
/// started; its output goes to a file, so that a grandchild that keeps the
/// output open cannot hang us.
public struct ChildProcess: Sendable {
    /// How it ended.
    public struct Result: Sendable {
        /// Exit status, or 128 and the signal's number.
        public let status: Int32
        /// Standard output, with `isMerged` also standard error; at most 64 KiB.
        public let output: String
    }

    private let arguments: [String]
    private let directory: String
    private let environment: [String: String]
    private let isMerged: Bool

    /// Says what is run.
    ///
    /// - Parameters:
    ///   - arguments: the program and its arguments; no shell is involved.
    ///   - directory: where it runs.
    ///   - environment: variables it gets beside ours; the place for a password, which arguments would show to everybody.
    ///   - isMerged: whether standard error is kept as well.
    public init(
        _ arguments: [String],
        in directory: String,
        environment: [String: String] = [:],
        isMerged: Bool = false
    ) {
        self.arguments = arguments
        self.directory = directory
        self.environment = environment
        self.isMerged = isMerged
    }

    /// Runs it.
    ///
    /// - Throws: `ProbeError` when it cannot be started or is not done in time.
    public func run(within limit: Duration) async throws(ProbeError) -> Result {
        guard let program = arguments.first else { throw ProbeError(.failed, "there is no program to run") }
        let outputPath = FileManager.default.temporaryDirectory.path + "/phasegate-\(getpid())-\(UUID().uuidString)"
        defer { unlink(outputPath) }
        let child = try spawned(
            arguments,
            in: directory,
            environment: environment,
            input: nil,
            output: outputPath,
            isMerged: isMerged
        )
        let end = ContinuousClock.now + limit
        var status: Int32 = 0
        while true {
            let waited = waitpid(child, &status, WNOHANG)
            if waited == child { break }
            if waited < 0, errno != EINTR {
                throw ProbeError(.failed, "cannot wait for '\(program)': \(String(cString: strerror(errno)))")
            }
            if ContinuousClock.now >= end || Task.isCancelled {
                kill(-child, SIGKILL)
                waitpid(child, &status, 0)
                throw ProbeError(.timedOut, "'\(program)' was not done after \(limit.forPeople) and was stopped")
            }
            try? await Task.sleep(for: .milliseconds(5))
        }
        let signal = status & 0x7f
        return Result(
            status: signal == 0 ? (status >> 8) & 0xff : 128 + signal,
            output: head(of: outputPath, bytes: 65_536)
        )
    }

    private func head(of path: String, bytes: Int) -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: bytes)
        let count = read(file, &buffer, bytes)
        return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    }
}

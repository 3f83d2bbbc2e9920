import FoundationEssentials
import Glibc
import Synchronization

/// A database server of our own on restored files, gone with this process at the latest.
///
/// It listens on a socket in a directory that nobody else may enter. A shell
/// stands between us and it: when we die, by whatever means, the shell sees
/// the end of its standard input, stops the server and clears away its files.
public struct ScratchServer: Sendable {
    /// Its directory: its files, and what it writes.
    public let home: String
    /// The directory of its socket; short, because a socket's path has at most 107 bytes.
    public let sockets: String
    private let account: ScratchAccount

    /// Makes the directories, after clearing away what dead processes of this machine have left.
    ///
    /// - Parameters:
    ///   - purpose: what it is for; letters only.
    ///   - directory: where its files go.
    ///   - account: who runs it.
    /// - Throws: `SessionError`; nothing is left then.
    public init(for purpose: String, in directory: String, as account: ScratchAccount) throws(SessionError) {
        let name = ScratchName(for: purpose).text
        self.account = account
        home = "\(directory)/\(name)"
        sockets = "\(Self.socketRoot)/\(name)"
        removeLeftOvers(in: [directory, Self.socketRoot])
        do {
            try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
            try FileManager.default.createDirectory(atPath: sockets, withIntermediateDirectories: true)
        } catch {
            discard()
            throw SessionError(.unreachable, "cannot make '\(home)': \(error)")
        }
        guard chmod(sockets, 0o700) == 0, account.own(sockets), chmod(home, 0o711) == 0, account.mayEnter(home) else {
            discard()
            throw SessionError(
                .notPermitted,
                "'\(account.name)', who has to run the restored server because root must not, cannot reach "
                    + "'\(directory)'; let it pass the directories above, or run phasegate as another user"
            )
        }
    }

    /// Starts it; whether it came up shows when it is connected to.
    ///
    /// - Parameters:
    ///   - command: the program and its arguments.
    ///   - signal: the name of the signal that ends it at once, as `QUIT`.
    /// - Throws: `SessionError`; the directories are gone then.
    public func start(_ command: [String], stoppedBy signal: String) throws(SessionError) {
        var ends: [Int32] = [-1, -1]
        // Nobody else we start may hold the other end: then it would not be seen to close.
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            discard()
            throw SessionError(.exhausted, "cannot watch over a server: \(String(cString: strerror(errno)))")
        }
        defer { close(ends[0]) }
        do throws(ProbeError) {
            let keeper = try spawned(
                ["sh", "-c", Self.script, "phasegate-keeper", home, sockets, signal] + account.prefix + command,
                in: "/",
                environment: ["LC_ALL": "C"],
                input: ends[0],
                output: "\(home)/keeper.log",
                isMerged: true
            )
            running.withLock { [end = ends[1]] in $0[sockets] = Keeper(process: keeper, leash: end, home: home) }
        } catch {
            close(ends[1])
            discard()
            throw SessionError(.failed, error.message)
        }
    }

    /// What it complained about last, if it has ended by itself.
    public var lastWords: String? { access("\(home)/ended", F_OK) == 0 ? complaints : nil }

    /// The last lines of its log, complaints before others.
    private var complaints: String {
        let log = (try? String(contentsOfFile: "\(home)/server.log", encoding: .utf8)) ?? ""
        let lines = log.split(whereSeparator: \.isNewline)
        let complaints = lines.filter { line in ["FATAL", "PANIC", "ERROR"].contains { line.contains($0) } }
        return oneLine(String((complaints.isEmpty ? lines : complaints).suffix(3).joined(separator: "; ").suffix(1000)))
    }

    /// Waits until it lets somebody in.
    ///
    /// - Parameters:
    ///   - end: when it has to.
    ///   - enter: tries to connect.
    /// - Returns: what `enter` returned.
    /// - Throws: `SessionError` of the code `failed` when it ended by itself, `timedOut` when it did not come up.
    public func firstEntry<Entry: Sendable>(
        until end: ContinuousClock.Instant,
        _ enter: () async throws(SessionError) -> Entry
    ) async throws(SessionError) -> Entry {
        while true {
            if let lastWords {
                throw SessionError(
                    lastWords.contains("No space left") ? .full : .failed,
                    "the server on the restored files did not come up: \(lastWords)"
                )
            }
            let refusal: SessionError
            do throws(SessionError) {
                return try await enter()
            } catch {
                // It is up then, and says no.
                if error.code == .notPermitted || error.message.contains("does not exist") { throw error }
                refusal = error
            }
            guard ContinuousClock.now < end, !Task.isCancelled else {
                throw SessionError(
                    .timedOut,
                    "the server on the restored files was not up in time and was stopped: \(refusal.message); \(complaints)"
                )
            }
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Stops it and clears its files away.
    public func stop() async {
        if await !Self.stop(at: sockets) { discard() }
    }

    /// Stops the server of a socket directory, if it is one of ours.
    ///
    /// - Returns: whether it was.
    @discardableResult
    public static func stop(at sockets: String) async -> Bool {
        guard let keeper = running.withLock({ $0.removeValue(forKey: sockets) }) else { return false }
        // Whoever is cancelled still has to clear up.
        await Task { await keeper.end(sockets: sockets) }.value
        return true
    }

    /// Removes the directories of a server that was never started.
    public func discard() {
        try? FileManager.default.removeItem(atPath: home)
        try? FileManager.default.removeItem(atPath: sockets)
    }

    /// Where sockets go: the usual place for temporary files unless its path is a long one.
    private static let socketRoot: String = {
        let usual = FileManager.default.temporaryDirectory.path
        return usual.utf8.count <= 20 ? usual : "/tmp"
    }()

    /// Arguments: directory, directory of the socket, signal, and the server with its arguments.
    private static let script = """
        home=$1 sockets=$2 signal=$3
        shift 3
        exec 3<&0 </dev/null
        "$@" >"$home/server.log" 2>&1 3<&- &
        server=$!
        echo "$server $signal" >"$home/server.pid"
        {
            cat <&3 >/dev/null
            # A server that has only just begun ignores it: again, and in the end by force.
            tries=0
            while [ ! -e "$home/ended" ] && kill -s "$signal" "$server"; do
                tries=$((tries + 1))
                [ "$tries" -lt 50 ] || signal=KILL
                sleep 0.1
            done
        } &
        watcher=$!
        exec 3<&-
        wait "$server"
        echo $? >"$home/ended"
        wait "$watcher"
        rm -rf "$home" "$sockets"
        """
}

/// The shells that watch over our servers, by the directory of the socket: children belong to the process as a whole.
private let running = Mutex<[String: Keeper]>([:])

/// One of those shells.
private struct Keeper: Sendable {
    let process: pid_t
    /// Closed, it makes the shell stop the server.
    let leash: Int32
    let home: String

    func end(sockets: String) async {
        close(leash)
        let end = ContinuousClock.now + .seconds(10)
        var status: Int32 = 0
        while true {
            let waited = waitpid(process, &status, WNOHANG)
            if waited == process || (waited < 0 && errno != EINTR) { break }
            if ContinuousClock.now >= end {
                kill(-process, SIGKILL)
                waitpid(process, &status, 0)
                break
            }
            try? await Task.sleep(for: .milliseconds(5))
        }
        for directory in [home, sockets] { try? FileManager.default.removeItem(atPath: directory) }
    }
}

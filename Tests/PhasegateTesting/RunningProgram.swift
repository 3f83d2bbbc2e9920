import Foundation
import Glibc
import Synchronization

/// A program running beside the test, and the lines it writes.
///
/// Standard output and standard error are read together. It is killed when the
/// value goes away.
public final class RunningProgram: Sendable {
    private struct State {
        var rest = Data()
        var unread: [String] = []
        var written: [String] = []
        var isOver = false
        var awaiting: CheckedContinuation<Void, Never>?
    }

    private let name: String
    private let state = Mutex(State())
    private let child: pid_t
    /// Kept, because with it its pipes are closed and nobody hears of its end.
    private let process: Process
    private let ended: AsyncStream<Void>
    /// Ends when nobody can write to the test any more, the program's own children included.
    private let silence = AsyncStream<Void>.makeStream()

    init(_ process: Process, named name: String) throws {
        self.name = name
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        let ended = AsyncStream<Void>.makeStream()
        self.ended = ended.stream
        process.terminationHandler = { _ in ended.continuation.finish() }
        try process.runHearingSignals()
        self.process = process
        child = process.processIdentifier
        // A thread that reads, and no handler of Foundation's: that watches the file, and a file that is closed while it is
        // watched and a child just being started still has it makes libdispatch crash.
        let reading = output.fileHandleForReading
        Thread.detachNewThread { [weak self] in
            while true {
                let data = reading.availableData
                self?.take(data)
                guard !data.isEmpty else { return }
            }
        }
    }

    deinit {
        Glibc.kill(child, SIGKILL)
        // Foundation keeps processes and what they were given for longer than we do. The output is closed by whoever
        // reads it, at its end.
        try? (process.standardInput as? Pipe)?.fileHandleForWriting.close()
    }

    /// Waits for a line; those before it are passed over.
    ///
    /// - Parameters:
    ///   - limit: how long it may take.
    ///   - matches: whether a line is the awaited one.
    /// - Returns: the line, without its end.
    /// - Throws: `ChildProgram.Failure.silent` when the program ends or the time is up before.
    public func line(within limit: Duration = .seconds(20), where matches: (String) -> Bool) async throws -> String {
        let deadline = ContinuousClock.now.advanced(by: limit)
        let alarm = Task {
            try? await Task.sleep(until: deadline)
            wake()
        }
        defer { alarm.cancel() }
        while true {
            let (line, isOver) = state.withLock { state -> (String?, Bool) in
                while !state.unread.isEmpty {
                    let line = state.unread.removeFirst()
                    if matches(line) { return (line, false) }
                }
                return (nil, state.isOver)
            }
            if let line { return line }
            guard !isOver, ContinuousClock.now < deadline else {
                throw ChildProgram.Failure.silent(program: name, written: state.withLock(\.written))
            }
            await withCheckedContinuation { continuation in
                let isThere = state.withLock { state in
                    if !state.unread.isEmpty || state.isOver || ContinuousClock.now >= deadline { return true }
                    state.awaiting = continuation
                    return false
                }
                if isThere { continuation.resume() }
            }
        }
    }

    /// Its number on this machine.
    public var processIdentifier: Int32 { child }

    /// Sends it a signal and waits for nothing.
    public func send(_ signal: Int32) { Glibc.kill(child, signal) }

    /// Asks it to end and waits until it has.
    public func stop() async { await end(by: SIGTERM) }

    /// Kills it and waits until it is gone.
    public func kill() async { await end(by: SIGKILL) }

    private func end(by signal: Int32) async {
        Glibc.kill(child, signal)
        for await _ in ended {}
        for await _ in silence.stream {}
        try? (process.standardInput as? Pipe)?.fileHandleForWriting.close()
    }

    private func wake() {
        state.withLock { state in
            let waiting = state.awaiting
            state.awaiting = nil
            return waiting
        }?.resume()
    }

    private func take(_ data: Data) {
        state.withLock { state in
            state.isOver = data.isEmpty
            state.rest += data
            while let end = state.rest.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: state.rest[..<end], as: UTF8.self)
                state.rest = Data(state.rest[(end + 1)...])
                state.unread.append(line)
                state.written.append(line)
            }
        }
        if data.isEmpty { silence.continuation.finish() }
        wake()
    }
}

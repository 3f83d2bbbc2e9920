import PhasegateCore
import Synchronization

/// How one sink took a kill.
struct SinkClosing: Sendable {
    let sink: String
    /// Whether it was read back at nobody.
    let isConfirmed: Bool
    /// What happened, for the evidence.
    let note: String
}

/// Makes sinks hold nobody, all at the same time, whatever they hold now.
///
/// Each is tried again until it is read back or the time is over. A sink that
/// never answers costs the others nothing: it is left behind, cancelled.
///
/// - Parameters:
///   - sinks: with names of their own.
///   - rule: the rule of nobody.
///   - last: the rule they were last made to hold, as far as we know; another content is noted as drift.
///   - patience: how long.
/// - Returns: one closing for each sink, in their order.
func closeSinks(
    _ sinks: [any FlagSink],
    to rule: FlagRule,
    last: FlagRule?,
    patience: FlagPatience
) async -> [SinkClosing] {
    guard !sinks.isEmpty else { return [] }
    let (closings, continuation) = AsyncStream.makeStream(of: SinkClosing?.self)
    let failures = LastFailures()
    let tasks = sinks.map { sink in
        Task {
            let closing = await SinkCloser(sink: sink, rule: rule, last: last, patience: patience, failures: failures)
                .close()
            if let closing { continuation.yield(closing) }
        }
    }
    let timer = Task {
        await patience.deadline(patience.limit)
        continuation.yield(nil)
    }
    var closed: [String: SinkClosing] = [:]
    for await closing in closings {
        guard let closing else { break }
        closed[closing.sink] = closing
        if closed.count == sinks.count { break }
    }
    for task in tasks + [timer] { task.cancel() }
    return sinks.map { sink in
        closed[sink.name]
            ?? SinkClosing(sink: sink.name, isConfirmed: false, note: failures.last(of: sink.name) ?? "no answer")
    }
}

/// Makes one sink hold nobody.
private struct SinkCloser {
    let sink: any FlagSink
    let rule: FlagRule
    let last: FlagRule?
    let patience: FlagPatience
    let failures: LastFailures

    /// - Returns: nothing when it was cancelled first.
    func close() async -> SinkClosing? {
        let wanted = sink.content(for: rule)
        var drift = ""
        while !Task.isCancelled {
            do throws(FlagError) {
                let seen = try await readOrOverwrite()
                if seen != wanted {
                    if let seen, let last, seen != sink.content(for: last) { drift = ", over a change by hand" }
                    try await sink.write(rule, over: seen)
                }
                let found = try await sink.read()
                if found == wanted {
                    return SinkClosing(sink: sink.name, isConfirmed: true, note: "at \(rule.share)\(drift)")
                }
                failures.note("does not show what was written", of: sink.name)
            } catch {
                failures.note(error.message, of: sink.name)
            }
            await patience.pause(patience.retry)
        }
        return nil
    }

    /// What cannot be read is written over as if it were not there.
    private func readOrOverwrite() async throws(FlagError) -> String? {
        do {
            return try await sink.read()
        } catch {
            failures.note(error.message, of: sink.name)
            return nil
        }
    }
}

/// What went wrong last with each sink, for those that are left behind.
private final class LastFailures: Sendable {
    private let failures = Mutex<[String: String]>([:])

    func note(_ failure: String, of sink: String) { failures.withLock { $0[sink] = failure } }

    func last(of sink: String) -> String? { failures.withLock { $0[sink] } }
}

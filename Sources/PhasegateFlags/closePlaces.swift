import PhasegateCore
import Synchronization

/// What came of one attempt to close a place.
enum ClosingAttempt: Sendable {
    /// It was read back at nobody.
    case confirmed(String)
    /// It may come right.
    case failed(String)
    /// Trying again has no point.
    case refused(String)
}

/// A place that is to hold nobody.
struct PlaceToClose: Sendable {
    let place: FlagPlace
    /// Makes it hold nobody and reads it back; hears what goes wrong on the way.
    let attempt: @Sendable (_ note: (String) -> Void) async -> ClosingAttempt
}

/// Makes places hold nobody, all at the same time, whatever they hold now.
///
/// Each is tried again until it is read back or the time is over. A place that
/// never answers costs the others nothing: it is left behind, cancelled.
///
/// - Parameters:
///   - places: each once.
///   - patience: how long.
/// - Returns: one closing for each place, in their order.
func closePlaces(_ places: [PlaceToClose], patience: FlagPatience) async -> [PlaceClosing] {
    guard !places.isEmpty else { return [] }
    let (closings, continuation) = AsyncStream.makeStream(of: PlaceClosing?.self)
    let failures = LastFailures()
    let tasks = places.map { place in
        Task {
            if let closing = await close(place, patience: patience, failures: failures) { continuation.yield(closing) }
        }
    }
    let timer = Task {
        await patience.deadline(patience.limit)
        continuation.yield(nil)
    }
    var closed: [FlagPlace: PlaceClosing] = [:]
    for await closing in closings {
        guard let closing else { break }
        closed[closing.place] = closing
        if closed.count == places.count { break }
    }
    for task in tasks + [timer] { task.cancel() }
    return places.map(\.place).map { place in
        closed[place]
            ?? PlaceClosing(place: place, isConfirmed: false, note: failures.last(of: place) ?? "no answer")
    }
}

/// - Returns: nothing when it was cancelled first.
private func close(_ place: PlaceToClose, patience: FlagPatience, failures: LastFailures) async -> PlaceClosing? {
    while !Task.isCancelled {
        switch await place.attempt({ failures.note($0, of: place.place) }) {
        case .confirmed(let note): return PlaceClosing(place: place.place, isConfirmed: true, note: note)
        case .refused(let note): return PlaceClosing(place: place.place, isConfirmed: false, note: note)
        case .failed(let note): failures.note(note, of: place.place)
        }
        await patience.pause(patience.retry)
    }
    return nil
}

extension PlaceToClose {
    /// A sink.
    ///
    /// - Parameters:
    ///   - sink: the sink.
    ///   - rule: the rule of nobody.
    ///   - last: the rule it was last made to hold, as far as we know; another content is noted as drift.
    init(_ sink: any FlagSink, to rule: FlagRule, last: FlagRule?) {
        place = .sink(sink.name)
        let wanted = sink.content(for: rule)
        attempt = { note in
            do throws(FlagError) {
                // What cannot be read is written over as if it were not there.
                let (seen, isRead) = await sink.seen(note)
                if isRead, seen == wanted { return .confirmed("at \(rule.share)") }
                try await sink.write(rule, over: seen)
                guard try await sink.read() == wanted else { return .failed("does not show what was written") }
                let isDrift = last.map { last in seen.map { $0 != sink.content(for: last) } ?? false } ?? false
                return .confirmed("at \(rule.share)\(isDrift ? ", over a change by hand" : "")")
            } catch {
                return .failed(error.message)
            }
        }
    }
}

extension FlagSink {
    fileprivate func seen(_ note: (String) -> Void) async -> (text: String?, isRead: Bool) {
        do {
            return (try await read(), true)
        } catch {
            note(error.message)
            return (nil, false)
        }
    }
}

/// What went wrong last with each place, for those that are left behind.
private final class LastFailures: Sendable {
    private let failures = Mutex<[FlagPlace: String]>([:])

    func note(_ failure: String, of place: FlagPlace) { failures.withLock { $0[place] = failure } }

    func last(of place: FlagPlace) -> String? { failures.withLock { $0[place] } }
}

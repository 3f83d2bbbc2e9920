import CLibPQ
import Dispatch
import Glibc
import PhasegateCore
package import PhasegateProbes

/// One connection of libpq; blocks the thread it is called on, and never beyond a deadline.
package final class PostgreSQLConnection {
    /// How long a cancelled statement may take to end before the connection is given up.
    private static let patience = Duration.seconds(3)

    private var handle: OpaquePointer?
    /// For error texts.
    private let place: String

    /// Connects.
    ///
    /// - Parameters:
    ///   - parameters: where to.
    ///   - settings: of the session, as `name=value`.
    /// - Throws: `SessionError`; nothing stays open then.
    package init(_ parameters: ConnectionParameters, settings: [String]) throws(SessionError) {
        place = "\(parameters.address)"
        if let reason = libpq_load() { throw SessionError(.unsupported, String(cString: reason)) }
        let keywords = parameters.keywords(settings: settings)
        var names: [UnsafePointer<CChar>?] = keywords.map { UnsafePointer(strdup($0.0)) }
        var values: [UnsafePointer<CChar>?] = keywords.map { UnsafePointer(strdup($0.1)) }
        defer { for text in names + values { free(UnsafeMutablePointer(mutating: text)) } }
        names.append(nil)
        values.append(nil)
        guard let handle = libpq_connectStartParams(names, values, 0) else {
            throw SessionError(.failed, "there is no memory for a connection")
        }
        libpq_beQuiet(handle)
        self.handle = handle
        let end = ContinuousClock.now + parameters.address.connectTimeout
        do throws(SessionError) {
            try finishConnecting(handle, until: end)
            let version = libpq_serverVersion(handle)
            guard version >= PostgreSQLEngine.oldestVersion else {
                throw SessionError(
                    .unsupported,
                    "PostgreSQL \(version / 10_000).\(version % 10_000) at '\(place)' is too old: 14 or later is needed"
                )
            }
        } catch {
            close()
            throw error
        }
        libpq_setnonblocking(handle, 1)
    }

    deinit { close() }

    /// As 150018 for 15.18.
    var serverVersion: Int32 { handle.map { libpq_serverVersion($0) } ?? 0 }

    /// Whether a transaction is open, sound or not.
    package var isInTransaction: Bool {
        handle.map {
            [Int32(LIBPQ_IN_TRANSACTION.rawValue), Int32(LIBPQ_IN_ERROR.rawValue)].contains(libpq_transactionStatus($0))
        }
            ?? false
    }

    /// Whether a transaction is open that has failed.
    var isInFailedTransaction: Bool {
        handle.map { libpq_transactionStatus($0) == Int32(LIBPQ_IN_ERROR.rawValue) } ?? false
    }

    /// Whether it can still be used.
    package var isOpen: Bool { handle != nil }

    /// Ends the connection; the server rolls back what was not committed.
    package func close() {
        if let handle { libpq_finish(handle) }
        handle = nil
    }

    // MARK: Statements

    /// Runs a script as one message.
    package func run(_ script: String, until end: ContinuousClock.Instant) throws(SessionError) {
        let handle = try opened()
        try exchange(script, until: end, send: { libpq_sendQuery(handle, script) }) { (_) throws(SessionError) in }
    }

    /// Runs one statement and hands over its results, a row each.
    ///
    /// - Parameters:
    ///   - sql: with parameters as `$1`.
    ///   - values: of the parameters.
    ///   - end: when it has to be done.
    ///   - onResult: gets every result; its rows are gone afterwards.
    /// - Throws: `SessionError`, sorted by the server's SQLSTATE; the connection is closed only if it was lost.
    package func query(
        _ sql: String,
        _ values: [SQLValue],
        until end: ContinuousClock.Instant,
        onResult: (borrowing PostgreSQLResult) throws(SessionError) -> Void
    ) throws(SessionError) {
        let handle = try opened()
        let bound = BoundValues(values)
        try exchange(
            sql,
            until: end,
            send: {
                let sent = libpq_sendQueryParams(
                    handle,
                    sql,
                    Int32(values.count),
                    bound.types,
                    bound.pointers,
                    bound.lengths,
                    bound.formats,
                    0
                )
                return sent == 1 ? libpq_setSingleRowMode(handle) : sent
            },
            onResult: onResult
        )
    }

    /// Prepares a statement under a name.
    func prepare(_ name: String, _ sql: String, _ values: [SQLValue], until end: ContinuousClock.Instant)
        throws(SessionError)
    {
        let handle = try opened()
        let types = values.map(\.postgreSQLType)
        try exchange(sql, until: end, send: { libpq_sendPrepare(handle, name, sql, Int32(types.count), types) }) {
            (_) throws(SessionError) in
        }
    }

    /// Runs a prepared statement to its last row; by default the rows are thrown away.
    func execute(
        prepared name: String,
        _ values: [SQLValue],
        until end: ContinuousClock.Instant,
        onResult: (borrowing PostgreSQLResult) throws(SessionError) -> Void = { (_) throws(SessionError) in }
    ) throws(SessionError) {
        let handle = try opened()
        let bound = BoundValues(values)
        try exchange(
            name,
            until: end,
            send: {
                libpq_sendQueryPrepared(
                    handle,
                    name,
                    Int32(values.count),
                    bound.pointers,
                    bound.lengths,
                    bound.formats,
                    0
                )
            },
            onResult: onResult
        )
    }

    // MARK: Waiting

    private func opened() throws(SessionError) -> OpaquePointer {
        guard let handle else { throw SessionError(.closed, "the session on '\(place)' is closed") }
        return handle
    }

    private func finishConnecting(_ handle: OpaquePointer, until end: ContinuousClock.Instant) throws(SessionError) {
        var state = Int32(LIBPQ_POLLING_WRITING.rawValue)
        while true {
            if libpq_status(handle) == Int32(LIBPQ_CONNECTION_BAD.rawValue)
                || state == Int32(LIBPQ_POLLING_FAILED.rawValue)
            {
                throw connectionError(handle)
            }
            if state == Int32(LIBPQ_POLLING_OK.rawValue) { return }
            let isReading = state == Int32(LIBPQ_POLLING_READING.rawValue)
            guard wait(for: handle, isReading ? POLLIN : POLLOUT, until: end) else {
                throw SessionError(.unreachable, "'\(place)' did not answer in time")
            }
            state = libpq_connectPoll(handle)
        }
    }

    private func connectionError(_ handle: OpaquePointer) -> SessionError {
        let words = libpq_errorMessage(handle).map { String(cString: $0) } ?? "no reason given"
        // While connecting there is no SQLSTATE. Trying a refused password again can lock its owner out.
        let refusals = ["authentication failed", "no password supplied", "no pg_hba.conf entry"]
        let isRefused = refusals.contains(where: words.contains)
        return SessionError(
            isRefused ? .notPermitted : .unreachable,
            "cannot connect to '\(place)': \(oneLine(words))"
        )
    }

    /// Waits until the socket can be used; false when the time is over.
    private func wait(for handle: OpaquePointer, _ events: Int32, until end: ContinuousClock.Instant) -> Bool {
        while true {
            let left = (end - ContinuousClock.now).milliseconds
            guard left > 0 else { return false }
            var descriptor = pollfd(fd: libpq_socket(handle), events: Int16(events), revents: 0)
            let ready = poll(&descriptor, 1, Int32(clamping: left))
            if ready > 0 { return true }
            if ready < 0, errno != EINTR { return true }
        }
    }

    /// Sends something and takes in all that is answered.
    private func exchange(
        _ tried: String,
        until end: ContinuousClock.Instant,
        send: () -> Int32,
        onResult: (borrowing PostgreSQLResult) throws(SessionError) -> Void
    ) throws(SessionError) {
        let handle = try opened()
        guard send() == 1 else { throw lost(tried) }
        var failure: SessionError?
        var deadline = end
        var cancellation: DispatchSemaphore?
        var isCancelled: Bool { cancellation != nil }
        while true {
            switch step(handle, until: deadline) {
            case .tooLate where isCancelled:
                close()
                throw SessionError(
                    .timedOut,
                    "a statement was not done in time and did not let itself be cancelled (\(location(tried)))"
                )
            case .tooLate:
                cancellation = cancel(handle)
                deadline = ContinuousClock.now + Self.patience
            case .lost: throw lost(tried)
            case .done:
                // A cancellation that is still on its way would hit the next statement.
                if let cancellation, cancellation.wait(timeout: .now() + 3) == .timedOut { close() }
                guard let failure else {
                    if isCancelled { throw timedOut(tried) }
                    return
                }
                throw isCancelled ? timedOut(tried) : failure
            case .result(let pointer):
                let result = PostgreSQLResult(pointer)
                do throws(SessionError) {
                    try check(result, tried)
                    if failure == nil, !isCancelled { try onResult(result) }
                } catch {
                    if failure == nil { failure = error }
                    if self.handle == nil { throw error }
                }
            }
        }
    }

    private enum Step {
        case result(OpaquePointer)
        case done
        case tooLate
        case lost
    }

    private func step(_ handle: OpaquePointer, until end: ContinuousClock.Instant) -> Step {
        while true {
            let unsent = libpq_flush(handle)
            guard unsent >= 0 else { return .lost }
            if unsent == 0, libpq_isBusy(handle) == 0 { break }
            guard wait(for: handle, unsent == 1 ? POLLIN | POLLOUT : POLLIN, until: end) else { return .tooLate }
            guard libpq_consumeInput(handle) == 1 else { return .lost }
        }
        guard let result = libpq_getResult(handle) else { return .done }
        return .result(result)
    }

    private func check(_ result: borrowing PostgreSQLResult, _ tried: String) throws(SessionError) {
        switch result.status {
        case Int32(LIBPQ_COMMAND_OK.rawValue), Int32(LIBPQ_TUPLES_OK.rawValue), Int32(LIBPQ_SINGLE_TUPLE.rawValue):
            return
        case Int32(LIBPQ_EMPTY_QUERY.rawValue):
            throw SessionError(.badStatement, "there is no statement in '\(tried.prefix(200))'")
        case Int32(LIBPQ_COPY_IN.rawValue), Int32(LIBPQ_COPY_OUT.rawValue), Int32(LIBPQ_COPY_BOTH.rawValue):
            // Nobody could end it but by ending the connection.
            close()
            throw SessionError(.unsupported, "COPY from or to the client is not possible here (\(location(tried)))")
        default: throw result.error(at: location(tried))
        }
    }

    private func timedOut(_ tried: String) -> SessionError {
        SessionError(.timedOut, "a statement was not done in time and was cancelled (\(location(tried)))")
    }

    private func lost(_ tried: String) -> SessionError {
        let words = handle.flatMap { libpq_errorMessage($0) }.map { String(cString: $0) } ?? ""
        close()
        return SessionError(.unreachable, "the connection was lost: \(oneLine(words)) (\(location(tried)))")
    }

    private func location(_ tried: String) -> String { "in '\(place)', at: \(shownSQL(tried, .postgresql))" }

    /// Asks the server to stop the statement.
    ///
    /// libpq's call connects anew and waits without a limit, so it gets a
    /// thread of its own; whether it worked shows on this connection.
    private func cancel(_ handle: OpaquePointer) -> DispatchSemaphore {
        let sent = DispatchSemaphore(value: 0)
        guard let request = libpq_getCancel(handle) else {
            sent.signal()
            return sent
        }
        let sendable = Unchecked(request)
        DispatchQueue.global().async {
            var words = [CChar](repeating: 0, count: 256)
            _ = libpq_cancel(sendable.value, &words, Int32(words.count))
            libpq_freeCancel(sendable.value)
            sent.signal()
        }
        return sent
    }
}

/// A pointer that one thread hands to another and forgets.
private struct Unchecked: @unchecked Sendable {
    let value: OpaquePointer
    init(_ value: OpaquePointer) { self.value = value }
}

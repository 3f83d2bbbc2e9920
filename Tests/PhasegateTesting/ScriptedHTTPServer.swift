import Glibc
import Synchronization

/// An HTTP server on loopback that answers as its script says and keeps what it was sent.
public final class ScriptedHTTPServer: Sendable {
    /// What it does with one request.
    public enum Answer: Sendable {
        /// Answers in full.
        case reply(Int, headers: [String] = [], body: String = "")
        /// Answers after a number of seconds.
        case late(UInt32, Int)
        /// Never answers; lets go when the other side does.
        case hang
        /// Closes the connection without a byte.
        case close
        /// Promises more than it sends, then closes.
        case stopMidway
        /// Answers 200 and goes on sending for as long as the other side listens.
        case endless
    }

    /// A request as it came in.
    public struct Request: Sendable {
        /// As `POST /hook HTTP/1.1`.
        public let line: String
        /// By lower-case name.
        public let headers: [String: String]
        /// The body.
        public let body: [UInt8]
    }

    private struct Record {
        var script: [Answer]
        var requests: [Request] = []
        var bytesSent = 0
    }

    private let record: Ledger
    private let listener: LoopbackListener

    // A class of its own, so that the connections do not keep the server alive.
    private final class Ledger: Sendable {
        let state: Mutex<Record>
        init(_ script: [Answer]) { state = Mutex(Record(script: script)) }

        func answer(to request: Request) -> Answer {
            state.withLock { state in
                state.requests.append(request)
                return state.script.count > 1 ? state.script.removeFirst() : state.script[0]
            }
        }
    }

    /// Begins to listen on a free port.
    ///
    /// - Parameter script: what is done with each request in turn; the last for all that follow.
    /// - Throws: when no port can be had.
    public init(_ script: Answer...) throws {
        precondition(!script.isEmpty, "a script says at least one thing")
        let record = Ledger(script)
        self.record = record
        listener = try LoopbackListener { connection in
            guard let request = Self.readRequest(from: connection) else { return }
            Self.act(record.answer(to: request), on: connection, record)
        }
    }

    /// As `http://127.0.0.1:40123`.
    public var address: String { "http://127.0.0.1:\(listener.port)" }

    /// What came in, in order.
    public var requests: [Request] { record.state.withLock { $0.requests } }

    /// Bytes of endless answers that went out.
    public var bytesSent: Int { record.state.withLock { $0.bytesSent } }

    private static func act(_ answer: Answer, on connection: Int32, _ record: Ledger) {
        switch answer {
        case .reply(let status, let headers, let body):
            let head =
                ["HTTP/1.1 \(status) Scripted", "Content-Length: \(body.utf8.count)", "Connection: close"] + headers
            _ = LoopbackListener.send(Array((head.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8), to: connection)
        case .late(let seconds, let status):
            sleep(seconds)
            act(.reply(status), on: connection, record)
        case .hang:
            while LoopbackListener.receive(from: connection) != nil {}
        case .close: break
        case .stopMidway:
            _ = LoopbackListener.send(Array("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf".utf8), to: connection)
        case .endless:
            var isListening = LoopbackListener.send(Array("HTTP/1.1 200 OK\r\n\r\n".utf8), to: connection)
            let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 16)
            // Bounded, so that a client without a limit fails its test instead of running for ever.
            for _ in 0..<1600 where isListening {
                isListening = LoopbackListener.send(piece, to: connection)
                if isListening { record.state.withLock { $0.bytesSent += piece.count } }
            }
        }
    }

    private static func readRequest(from connection: Int32) -> Request? {
        var bytes: [UInt8] = []
        while true {
            if let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) {
                let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
                var headers: [String: String] = [:]
                for line in lines.dropFirst() {
                    let field = line.split(separator: ": ", maxSplits: 1)
                    headers[field[0].lowercased()] = field.count == 2 ? String(field[1]) : ""
                }
                let length = headers["content-length"].flatMap { Int($0) } ?? 0
                if bytes.count - end.upperBound >= length {
                    return Request(line: String(lines[0]), headers: headers, body: Array(bytes[end.upperBound...]))
                }
            }
            guard let more = LoopbackListener.receive(from: connection) else { return nil }
            bytes += more
        }
    }
}

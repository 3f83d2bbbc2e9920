import Synchronization

/// A mail server on loopback, without TLS, that replies as it is told and keeps what it was sent.
public final class ScriptedSMTPServer: Sendable {
    private let received: Received
    private let listener: LoopbackListener

    private final class Received: Sendable {
        let lines = Mutex<[String]>([])
        let ended = Atomic(0)
    }

    /// Begins to listen on a free port.
    ///
    /// - Parameter replies: by verb, as `["RCPT": "550 no such user"]`; `.` is the end of the message;
    ///   an empty reply is none at all.
    /// - Throws: when no port can be had.
    public init(_ replies: [String: String] = [:]) throws {
        let received = Received()
        self.received = received
        listener = try LoopbackListener { connection in
            Self.converse(over: connection, replies, received)
            received.ended.add(1, ordering: .relaxed)
        }
    }

    /// Where it listens.
    public var port: Int { listener.port }

    /// Every line that came in, without its line end.
    public var lines: [String] { received.lines.withLock(\.self) }

    /// Connections that are over.
    public var endedConnections: Int { received.ended.load(ordering: .relaxed) }

    private static func converse(over connection: Int32, _ replies: [String: String], _ received: Received) {
        let usual = ["EHLO": "250 scripted", "DATA": "354 go ahead", ".": "250 2.0.0 queued", "QUIT": "221 bye"]
        func say(_ text: String) -> Bool { LoopbackListener.send(Array("\(text)\r\n".utf8), to: connection) }
        guard say(replies["hello"] ?? "220 scripted ESMTP") else { return }
        var bytes: [UInt8] = []
        var isInMessage = false
        while let more = LoopbackListener.receive(from: connection) {
            bytes += more
            while let end = bytes.firstRange(of: [0x0D, 0x0A]) {
                let line = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
                bytes.removeSubrange(..<end.upperBound)
                received.lines.withLock { $0.append(line) }
                if isInMessage && line != "." { continue }
                let verb = isInMessage ? "." : line.prefix(4).uppercased()
                let reply = replies[verb] ?? usual[verb] ?? "250 ok"
                isInMessage = verb == "DATA" && reply.hasPrefix("354")
                guard reply.isEmpty || say(reply) else { return }
            }
        }
    }
}

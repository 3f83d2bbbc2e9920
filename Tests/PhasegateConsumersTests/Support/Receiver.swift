import Foundation
import PhasegateTesting

/// A receiver on loopback that is not ours: it prints `ready PORT`, and then a line of JSON for what it got.
struct Receiver {
    let port: Int
    private let program: RunningProgram

    /// Starts a script of `Readers`.
    init(_ script: String, _ arguments: [String] = []) async throws {
        program = try ChildProgram.python(script, arguments).start()
        port = Int(try await program.line { $0.hasPrefix("ready ") }.dropFirst(6)) ?? 0
    }

    /// What it gets next.
    func next<Received: Decodable>(_: Received.Type = Received.self) async throws -> Received {
        let line = try await program.line { $0.hasPrefix("{") }
        return try JSONDecoder().decode(Received.self, from: Data(line.utf8))
    }

    /// Ends it; whatever is sent later finds nobody.
    func stop() async { await program.stop() }
}

/// A request as `receive_http.py` got it.
struct ReceivedRequest: Codable {
    let path: String
    let headers: [String: String]
    let body: String

    /// Has a script of `Readers` read it; the script's status says whether it could.
    func read(by script: String, _ arguments: [String] = []) async throws -> ChildProgram.Run {
        let directory = try TemporaryDirectory()
        let file = directory.path(of: "request.json")
        try JSONEncoder().encode(self).write(to: URL(filePath: file))
        return try await ChildProgram.python(script, arguments + [file]).run()
    }
}

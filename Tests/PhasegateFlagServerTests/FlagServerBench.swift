import Foundation
import FoundationNetworking
import PhasegateCore
import PhasegateFlagServer
import PhasegateFlags
import PhasegateTesting
import Testing

/// A flag store with a server on loopback for as long as a body runs.
struct FlagServerBench {
    static let moment = Moment(milliseconds: 1_790_000_000_000)

    let directory: TemporaryDirectory
    let store: FlagStore

    init() throws {
        directory = try TemporaryDirectory()
        store = FlagStore(path: directory.path(of: "flags.db"))
    }

    func set(_ key: FlagKey, to share: Int) throws {
        try store.set(
            key: key,
            draw: FlagDraw(salt: key.rawValue),
            share: BasisPoints(rawValue: share),
            expecting: try store.record(of: key)?.version,
            actor: "test",
            reason: "a test",
            at: Self.moment
        )
    }

    /// Serves, hands over a client, and stops.
    func serving(
        _ change: (inout FlagServer.Settings) -> Void = { _ in },
        _ body: (FlagClient) async throws -> Void
    ) async throws {
        var settings = FlagServer.Settings()
        settings.port = 0
        change(&settings)
        let server = try FlagServer(store: store, settings: settings)
        let (ports, found) = AsyncStream.makeStream(of: Int.self)
        let running = Task { try await server.run { found.yield($0) } }
        defer { running.cancel() }
        var iterator = ports.makeAsyncIterator()
        guard let port = await iterator.next() else { return }
        try await body(FlagClient(address: "http://127.0.0.1:\(port)"))
    }
}

/// Asks a server as a provider does.
struct FlagClient {
    let address: String

    struct Answer {
        let status: Int
        let headers: [String: String]
        let body: String
    }

    func ask(
        _ path: String,
        _ body: String = #"{"context":{"targetingKey":"user-1"}}"#,
        method: String = "POST",
        _ headers: [String: String] = [:]
    ) async throws -> Answer {
        var request = URLRequest(url: try #require(URL(string: address + path)))
        request.httpMethod = method
        if method == "POST" { request.httpBody = Data(body.utf8) }
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        let (data, response) = try await URLSession.shared.data(for: request)
        let answer = try #require(response as? HTTPURLResponse)
        var found: [String: String] = [:]
        for (name, value) in answer.allHeaderFields { found["\(name)".lowercased()] = "\(value)" }
        return Answer(status: answer.statusCode, headers: found, body: String(decoding: data, as: UTF8.self))
    }

    /// The answer to one user about one flag.
    func isOn(_ key: String, _ user: String) async throws -> Bool {
        let answer = try await ask("/ofrep/v1/evaluate/flags/\(key)", #"{"context":{"targetingKey":"\#(user)"}}"#)
        return answer.body.contains(#""value":true"#)
    }
}

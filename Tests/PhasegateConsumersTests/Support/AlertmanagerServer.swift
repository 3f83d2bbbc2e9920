import Foundation
import FoundationNetworking
import PhasegateTesting

/// A real Alertmanager on loopback; its notifications go to a `receive_http.py`.
final class AlertmanagerServer {
    /// An alert as it answers on its own interface.
    struct Alert: Decodable {
        struct Status: Decodable {
            let state: String
            let inhibitedBy: [String]
        }

        let fingerprint: String
        let labels: [String: String]
        let annotations: [String: String]
        let status: Status
    }

    /// A notification as it sends it (webhook version 4).
    struct Notification: Decodable {
        struct Alert: Decodable {
            let status: String
            let labels: [String: String]
            let annotations: [String: String]
            let fingerprint: String
        }

        let version: String
        let status: String
        let alerts: [Alert]
    }

    private let directory: TemporaryDirectory
    private let receiver: Receiver
    private var program: RunningProgram
    /// Stays the same over a restart.
    private(set) var port = 0

    var address: String { "http://127.0.0.1:\(port)" }

    /// Starts one that knows nothing yet.
    ///
    /// Each alert is notified by itself; a critical one silences the others of its rollout.
    ///
    /// - Parameter repeatInterval: how often it notifies of what goes on, as `1h`.
    /// - Throws: `ChildProgram.Failure` when it does not come up.
    init(repeatInterval: String = "1h") async throws {
        directory = try TemporaryDirectory()
        receiver = try await Receiver("receive_http.py")
        let configuration = """
            route:
              receiver: hook
              group_by: ['...']
              group_wait: 50ms
              group_interval: 100ms
              repeat_interval: \(repeatInterval)
            receivers:
              - name: hook
                webhook_configs:
                  - url: http://127.0.0.1:\(receiver.port)/
                    send_resolved: true
            inhibit_rules:
              - source_matchers: [severity = critical]
                target_matchers: [severity != critical]
                equal: [rollout]
            """
        try Data(configuration.utf8).write(to: URL(filePath: directory.path(of: "alertmanager.yml")))
        program = try Self.program(in: directory, port: 0).start()
        try await awaitPort()
    }

    /// Asks it to end, which has it write down what it has notified of.
    func stop() async { await program.stop() }

    /// Kills it.
    func kill() async { await program.kill() }

    /// Starts it again, at the same address and with the same storage.
    func restart() async throws {
        program = try Self.program(in: directory, port: port).start()
        try await awaitPort()
    }

    /// What it sends next.
    func nextNotification() async throws -> Notification {
        let request = try await receiver.next(ReceivedRequest.self)
        return try JSONDecoder().decode(Notification.self, from: Data(request.body.utf8))
    }

    /// Waits until it has noted for itself that a notification has arrived, which it does later than its receiver.
    ///
    /// It looks at a group again only after it has done with it.
    func settle() async throws {
        _ = try await program.line { $0.contains("Notify success") }
        _ = try await program.line { $0.contains("msg=flushing") }
    }

    /// The alerts it knows, whether or not they are inhibited.
    func alerts() async throws -> [Alert] {
        let url = try URL(string: address + "/api/v2/alerts").unwrapped
        return try JSONDecoder().decode([Alert].self, from: try await URLSession.shared.data(from: url).0)
    }

    private static func program(in directory: TemporaryDirectory, port: Int) throws -> ChildProgram {
        try .python(
            "run_beside.py",
            [
                RealTool.alertmanager.path,
                "--config.file=" + directory.path(of: "alertmanager.yml"),
                "--storage.path=" + directory.path(of: "storage"),
                "--web.listen-address=127.0.0.1:\(port)", "--cluster.listen-address=",
                "--log.level=debug",
            ]
        )
    }

    private func awaitPort() async throws {
        let line = try await program.line { $0.contains("Listening on") }
        port = try Int(line.drop { $0 != "=" }.split(separator: ":").last ?? "").unwrapped
    }
}

extension Optional {
    fileprivate var unwrapped: Wrapped {
        get throws {
            guard let self else { throw CocoaError(.formatting) }
            return self
        }
    }
}

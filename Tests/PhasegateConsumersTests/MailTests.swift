import Foundation
import PhasegateCore
import PhasegateTesting
import Testing

/// A real submission server with TLS and a login takes our mail, and a parser of mail reads it.
@Suite("A mail server", .needs(.python, .openSSL), .timeLimit(.minutes(2)))
struct MailTests {
    /// A message as `receive_mail.py` read it.
    private struct Mail: Decodable {
        let tls: Bool
        let loggedIn: Bool
        let sender: String
        let recipients: [String]
        let headers: [String: String]
        let to: [String]
        let date: Double
        let kind: String
        let parts: [[String]]
        let plain: String
        let html: String
        let defects: [String]
        let longestLine: Int
        let bareLineEnds: Int
    }

    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// Makes a certificate for this machine that is its own authority.
    private func certificate(_ name: String) async throws -> (certificate: String, key: String) {
        let files = (directory.path(of: name + ".pem"), directory.path(of: name + ".key"))
        _ = try await ChildProgram(
            try RealTool.openSSL.path,
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                "-out", files.0, "-keyout", files.1,
            ]
        ).output()
        return files
    }

    private func channel(_ security: String, port: Int, trusting authorities: String) throws -> any NoticeChannel {
        try makeChannel(
            "email",
            [
                "server": .text("127.0.0.1"), "port": .whole(Int64(port)), "security": .text(security),
                "user": .text("env:USER_NAME"), "password": .text("env:PASSWORD"),
                "from": .text("Phasegate Größe <phasegate@example.org>"),
                "to": .list([.text("Operations <ops@example.org>"), .text("lead@example.org")]),
                "authorities": .text(authorities),
            ],
            secrets: ["env:USER_NAME": "phasegate", "env:PASSWORD": "right one"]
        )
    }

    @Test("gets both parts, protected and logged in", arguments: ["starttls", "tls"])
    func arrives(_ security: String) async throws {
        let files = try await certificate("server")
        let server = try await Receiver(
            "receive_mail.py",
            [security, files.certificate, files.key, "phasegate", "right one"]
        )
        let channel = try channel(security, port: server.port, trusting: files.certificate)
        let notice = makeNotice(startedAt: .now + .seconds(-60))
        let receipt = try await channel.send(notice, attempt: DeliveryAttempt(number: 1, at: .now))
        #expect(receipt.hasPrefix("250"))
        let mail = try await server.next(Mail.self)
        await server.stop()

        #expect(mail.tls && mail.loggedIn)
        #expect(mail.sender == "phasegate@example.org" && mail.recipients == ["ops@example.org", "lead@example.org"])
        #expect(mail.to == mail.recipients)
        #expect(mail.headers["from"]?.contains("Phasegate Größe") == true)
        #expect(mail.headers["subject"]?.contains("RISK ALERT: R003 - Performance regression") == true)
        #expect(mail.headers["message-id"]?.isEmpty == false)
        #expect(abs(mail.date - Date().timeIntervalSince1970) < 120)
        #expect(mail.kind == "multipart/alternative")
        #expect(mail.parts.map(\.first) == ["text/plain", "text/html"])
        for line in notice.body.split(separator: "\n").dropFirst(2) {
            #expect(mail.plain.contains(line), "\(line)")
        }
        #expect(mail.html.contains("&lt;b&gt;zu viel&lt;/b&gt;") && !mail.html.contains("<b>zu viel</b>"))
        #expect(mail.defects.isEmpty && mail.bareLineEnds == 0 && mail.longestLine <= 998)
    }

    @Test("gets nothing when its certificate is not one we trust", arguments: ["starttls", "tls"])
    func strangersGetNothing(_ security: String) async throws {
        let files = try await certificate("server")
        let other = try await certificate("other")
        let server = try await Receiver(
            "receive_mail.py",
            [security, files.certificate, files.key, "phasegate", "right one"]
        )
        let stranger = try channel(security, port: server.port, trusting: other.certificate)
        let notice = makeNotice(title: "for friends", startedAt: .now)
        await #expect(throws: DeliveryFailure.self) {
            try await stranger.send(notice, attempt: DeliveryAttempt(number: 1, at: .now))
        }
        // What comes first shows that nothing came before.
        let friend = try channel(security, port: server.port, trusting: files.certificate)
        let proof = makeNotice(title: "proof", startedAt: .now)
        _ = try await friend.send(proof, attempt: DeliveryAttempt(number: 1, at: .now))
        #expect(try await server.next(Mail.self).headers["subject"]?.contains("proof") == true)
        await server.stop()
    }
}

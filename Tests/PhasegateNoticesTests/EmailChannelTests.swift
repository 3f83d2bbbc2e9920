import FoundationEssentials
import PhasegateCore
import PhasegateNotices
import PhasegateTesting
import Testing

@Suite("Notices by mail", .timeLimit(.minutes(1)))
struct EmailChannelTests {
    private let settings: [String: Setting] = [
        "server": "mail.example.org", "from": "Phasegate <phasegate@example.org>",
        "to": .list(["J\u{FC}rgen M\u{FC}ller <juergen@example.org>", "ops@example.org"]),
    ]

    private func submission(
        _ notice: Notice = notice(),
        _ attempt: DeliveryAttempt = attempt()
    ) async throws -> MailSubmission {
        let mail = RecordingMail()
        _ = try await channel("email", settings, mail: mail).send(notice, attempt: attempt)
        return try #require(mail.submissions.first)
    }

    private func text(_ notice: Notice = notice(), _ attempt: DeliveryAttempt = attempt()) async throws -> String {
        String(decoding: try await submission(notice, attempt).message, as: UTF8.self)
    }

    private func fields(_ text: String) throws -> [String: String] {
        let head = String(text[..<(try #require(text.firstRange(of: "\r\n\r\n"))).lowerBound])
        var fields: [String: String] = [:]
        for line in head.replacing("\r\n ", with: " ").split(separator: "\r\n") {
            let field = line.split(separator: ": ", maxSplits: 1)
            #expect(field.count == 2 && fields[String(field[0])] == nil)
            fields[String(field[0])] = String(field[1])
        }
        return fields
    }

    /// The HTML part, soft line ends joined.
    private func page(_ text: String) throws -> String {
        let begin = try #require(text.firstRange(of: "Content-Type: text/html")).lowerBound
        return String(text[begin...]).replacing("=\r\n", with: "")
    }

    @Test func theEnvelopeAsksForTLSUnlessToldOtherwise() async throws {
        let submission = try await submission()
        #expect(submission.security == .starttls && submission.port == 587)
        #expect(submission.sender == "phasegate@example.org")
        #expect(submission.recipients == ["juergen@example.org", "ops@example.org"])
    }

    @Test func filesAreSeenFromTheRolloutFile() async throws {
        let mail = RecordingMail()
        let files: [String: Setting] = ["user": "file:user", "password": "file:word", "authorities": "ca.pem"]
        let channel = try channel(
            "email",
            settings.merging(files) { $1 },
            mail: mail,
            secrets: ["file:/rollouts/shop/user": "u", "file:/rollouts/shop/word": "w"],
            baseDirectory: "/rollouts/shop"
        )
        _ = try await channel.send(notice(), attempt: attempt())
        let submission = try #require(mail.submissions.first)
        #expect(submission.user == "u" && submission.password == "w")
        #expect(submission.authorities == "/rollouts/shop/ca.pem")
    }

    @Test func theHeaderSaysWhatItIs() async throws {
        let fields = try fields(try await text())
        #expect(fields["Date"] == "Tue, 09 Jun 2026 10:13:20 +0000")
        #expect(fields["From"] == "\"Phasegate\" <phasegate@example.org>")
        #expect(fields["To"] == "=?UTF-8?B?SsO8cmdlbiBNw7xsbGVy?= <juergen@example.org>, ops@example.org")
        #expect(fields["Auto-Submitted"] == "auto-generated")
        #expect(fields["X-Phasegate-Level"] == "HIGH")
        #expect(fields["X-Phasegate-Notice"] == "quantumleap.17")
        #expect(fields["Content-Type"]?.hasPrefix("multipart/alternative; boundary=\"=_phasegate_") == true)
    }

    @Test func textComesFirstAndHTMLLast() async throws {
        let text = try await text()
        let boundary = try #require(try fields(text)["Content-Type"]?.split(separator: "\"")[1])
        let parts = text.components(separatedBy: "--\(boundary)")
        #expect(parts.count == 4)
        #expect(parts[1].contains("Content-Type: text/plain; charset=utf-8"))
        #expect(parts[2].contains("Content-Type: text/html; charset=utf-8"))
        #expect(parts[3] == "--\r\n")
    }

    @Test func everyLineIsShortAndEndsInCRLF() async throws {
        let hostile = String(repeating: "word\u{1F6A8}\u{0301} = . From ", count: 400)
        for notice in [notice(), notice(title: hostile, body: hostile + "\n.\n.. \t\n" + hostile)] {
            let bytes = try await submission(notice).message
            #expect(bytes.allSatisfy { $0 < 0x80 && ($0 >= 0x20 || [0x09, 0x0A, 0x0D].contains($0)) })
            let text = String(decoding: bytes, as: UTF8.self)
            let lines = text.components(separatedBy: "\r\n")
            #expect(lines.allSatisfy { $0.utf8.count <= 76 })
            #expect(lines.allSatisfy { !$0.utf8.contains(0x0A) && !$0.utf8.contains(0x0D) })
            for line in lines where line.contains("=?UTF-8?B?") {
                for word in line.split(separator: " ") where word.hasPrefix("=?") { #expect(word.utf8.count <= 75) }
            }
        }
    }

    @Test func aValueCannotBeginAFieldOfItsOwn() async throws {
        let hostile = "x\r\nBcc: evil@example.org\r\n\r\n<script>alert(1)</script>\u{2028}\u{85}"
        let text = try await text(
            notice(
                id: .init(rawValue: hostile),
                reason: hostile,
                level: hostile,
                phase: .init(rawValue: hostile),
                title: hostile,
                body: hostile
            )
        )
        let fields = try fields(text)
        #expect(fields["Bcc"] == nil)
        #expect(fields["Subject"]?.contains("Bcc: evil@example.org") == true)
        #expect(try !page(text).contains("<script>"))
    }

    @Test func attemptsShareTheirIdentifierAndNoticesTheirThread() async throws {
        let first = try fields(try await text(notice(), attempt()))
        let second = try fields(try await text(notice(), attempt(2, after: .seconds(600))))
        let next = try fields(try await text(notice(id: "quantumleap.18", kind: .resolved), attempt()))
        #expect(first["Message-ID"] == second["Message-ID"])
        #expect(first["Date"] != second["Date"])
        #expect(first["Message-ID"] != next["Message-ID"])
        #expect(first["In-Reply-To"] == next["In-Reply-To"])
        #expect(first["References"] == first["In-Reply-To"])
        #expect(first["References"] != first["Message-ID"])
    }

    @Test func thePageLoadsNothing() async throws {
        let hostile = notice(title: "<img src=http://evil.example/x>", body: "t\n<a href='http://evil'>")
        let page = try page(try await text(hostile))
        for word in ["<img", "<a ", "<link", "<script", "url(", "<form", "<iframe"] {
            #expect(!page.contains(word), "\(word)")
        }
        #expect(page.contains("&lt;img src=3Dhttp://evil.example/x&gt;"))
    }

    @Test(
        arguments: [
            ["security": "none"], ["server": "mail.example.org:25"], ["from": "nobody"], ["to": .list([])],
            ["to": "a@b@c"], ["to": "x\r\nBcc: y <a@b>"], ["user": "env:USER"], ["user": "me", "password": "hunter2"],
            ["hello": "not a host"], ["to": "Evil\u{202E} <a@example.org>"],
        ] as [[String: Setting]]
    )
    func badSettingsAreRefusedAtLoad(more: [String: Setting]) throws {
        #expect {
            try channel("email", settings.merging(more) { $1 })
        } throws: { error in
            (error as? Diagnostic)?.description.contains("hunter2") == false
        }
    }

    private func plain(
        _ server: ScriptedSMTPServer,
        _ more: [String: Setting] = [:],
        secrets: [String: String] = [:]
    ) throws -> any NoticeChannel {
        let local: [String: Setting] = [
            "server": "127.0.0.1", "port": .whole(Int64(server.port)), "security": "none",
        ]
        return try channel("email", settings.merging(local) { $1 }.merging(more) { $1 }, secrets: secrets)
    }

    @Test func aServerGetsTheMessageWithItsDotsDoubled() async throws {
        let server = try ScriptedSMTPServer()
        let sent = notice(body: "title\n.\n.hidden\nend")
        let receipt = try await plain(server, ["hello": "deploy.example.org"]).send(sent, attempt: attempt())
        #expect(receipt == "250 2.0.0 queued")
        let lines = server.lines
        #expect(lines.contains("EHLO deploy.example.org"))
        #expect(lines.contains("MAIL FROM:<phasegate@example.org>"))
        #expect(lines.contains("RCPT TO:<juergen@example.org>") && lines.contains("RCPT TO:<ops@example.org>"))
        #expect(lines.contains("..") && lines.contains("..hidden"))
    }

    /// The user's name is the beginning of the password, and the reply is cut within it.
    @Test(arguments: [0, 95, 100, 105, 110])
    func aSecretInTheReplyIsMaskedWholeWhereverItStands(place: Int) async throws {
        let reply = "250 " + String(repeating: "x", count: place) + " operations-hunter2-hunter3 queued"
        let server = try ScriptedSMTPServer([".": reply])
        let channel = try plain(
            server,
            ["user": "env:USER", "password": "env:PASSWORD"],
            secrets: ["env:USER": "operations", "env:PASSWORD": "operations-hunter2-hunter3"]
        )
        let receipt = try await channel.send(notice(), attempt: attempt())
        #expect(receipt.hasPrefix("250 ") && receipt.unicodeScalars.count <= 120)
        #expect(receipt.contains("\u{2022}\u{2022}\u{2022}"))
        #expect(!receipt.contains("op") && !receipt.contains("hunter"))
    }

    @Test(
        arguments: [
            ("RCPT", "550 5.1.1 no such user", .giveUp), ("RCPT", "451 4.7.1 greylisted", .retry(after: nil)),
            ("MAIL", "452 4.3.1 full", .retry(after: nil)), (".", "554 5.7.1 looks like spam", .giveUp),
            (".", "421 4.3.2 shutting down", .retry(after: nil)), ("hello", "554 go away", .giveUp),
        ] as [(String, String, DeliveryFailure.Remedy)]
    )
    func repliesSayWhetherTryingAgainHelps(verb: String, reply: String, remedy: DeliveryFailure.Remedy) async throws {
        let server = try ScriptedSMTPServer([verb: reply])
        let failure = try #require(await failing(plain(server)))
        #expect(failure.remedy == remedy)
        #expect(failure.message.contains(reply.prefix(3)))
    }

    /// While the server is still being waited for, the mail is known to have arrived.
    @Test func aServerThatIgnoresTheGoodbyeHoldsUpNobody() async throws {
        let server = try ScriptedSMTPServer(["QUIT": ""])
        let began = ContinuousClock.now
        let receipt = try await plain(server, ["timeout": "50 s"]).send(notice(), attempt: attempt())
        #expect(receipt == "250 2.0.0 queued")
        #expect(ContinuousClock.now - began < .seconds(10))
        #expect(server.endedConnections == 0)
    }

    /// libcurl's own patience for a goodbye is two minutes.
    @Test func theGoodbyeEndsAtTheTimeout() async throws {
        let server = try ScriptedSMTPServer(["QUIT": ""])
        let began = ContinuousClock.now
        _ = try await plain(server, ["timeout": "2 s"]).send(notice(), attempt: attempt())
        while server.endedConnections == 0, ContinuousClock.now - began < .seconds(10) {
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(server.endedConnections == 1)
    }

    @Test func aRefusalIsKnownAlsoWhereTheGoodbyeIsIgnored() async throws {
        let server = try ScriptedSMTPServer(["RCPT": "550 5.1.1 no such user", "QUIT": ""])
        let began = ContinuousClock.now
        let failure = try #require(await failing(plain(server, ["timeout": "2 s"])))
        #expect(failure.remedy == .giveUp)
        #expect(ContinuousClock.now - began < .seconds(10))
    }

    @Test func aServerWithoutTLSGetsNothing() async throws {
        let server = try ScriptedSMTPServer()
        let failure = try #require(await failing(plain(server, ["security": "starttls"])))
        #expect(failure.remedy == .retry(after: nil))
        #expect(!server.lines.contains { $0.hasPrefix("MAIL") })
    }
}

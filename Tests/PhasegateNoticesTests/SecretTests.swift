import FoundationEssentials
import Glibc
import PhasegateCore
import PhasegateNotices
import PhasegateTesting
import Testing

@Suite("Secrets of channels")
struct SecretTests {
    /// Every kind that has secrets, with all of them set.
    private static let kinds: [(String, [String: Setting])] = [
        ("slack", ["url": "env:URL"]), ("webhook", ["url": "env:URL", "secret": .list(["env:KEY", "env:KEY"])]),
        ("webhook", ["url": "env:URL", "secret": "env:KEY", "signature": "github"]),
        ("cloudevents", ["url": "env:URL", "token": "env:TOKEN"]),
        ("alertmanager", ["url": "env:URL", "user": "env:USER", "password": "env:TOKEN"]),
        (
            "email",
            [
                "server": "127.0.0.1", "security": "none", "from": "a@example.org", "to": "b@example.org",
                "user": "env:USER", "password": "env:TOKEN",
            ]
        ),
    ]
    private let secrets = [
        "env:URL": "https://hooks.example.org/T0P/s3cr3tpath", "env:TOKEN": "t0ps3cret", "env:USER": "adm1n",
        "env:KEY": "whsec_MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY=",
    ]

    private func leaks(_ text: String) -> Bool {
        (Array(secrets.values) + ["s3cr3tpath", "hooks.example.org", "MDEyMzQ1", "dDBwczNjcmV0"]).contains {
            text.contains($0)
        }
    }

    @Test(arguments: kinds)
    func aPreviewShowsReferencesInTheirPlace(kind: String, settings: [String: Setting]) throws {
        let preview = try channel(kind, settings, secrets: secrets).preview(notice(), attempt: attempt())
        #expect(!leaks(preview))
        #expect(preview.contains("<env:"))
        // It touches nothing: no secret is needed for it.
        #expect(try channel(kind, settings, secrets: [:]).preview(notice(), attempt: attempt()) == preview)
    }

    @Test(arguments: kinds)
    func aMissingSecretIsNamedByItsReferenceAndTriedAgain(kind: String, settings: [String: Setting]) async throws {
        let http = RecordingHTTP()
        let mail = RecordingMail()
        let failure = try #require(await failing(channel(kind, settings, http: http, mail: mail, secrets: [:])))
        #expect(failure.message.contains("env:"))
        #expect(failure.remedy == .retry(after: nil))
        #expect(http.requests.isEmpty && mail.submissions.isEmpty)
    }

    /// A receiver that echoes everything it was sent, in the head and in the body.
    @Test(arguments: [200, 302, 400, 410, 429, 500], kinds.filter { $0.0 != "email" })
    func neitherReceiptsNorFailuresRepeatWhatTheReceiverSays(
        status: Int,
        kind: (String, [String: Setting])
    ) async throws {
        let echo = secrets.values.joined(separator: " ")
        let http = RecordingHTTP(
            IncomingAnswer(status: status, headers: ["location": echo, "retry-after": echo], body: Array(echo.utf8))
        )
        let channel = try channel(kind.0, kind.1, http: http, secrets: secrets)
        do {
            #expect(!leaks(try await channel.send(notice(), attempt: attempt())))
        } catch {
            #expect(!leaks(error.message))
        }
    }

    @Test func aSecretWithALineEndInItIsNotSent() async throws {
        let hook = try channel(
            "cloudevents",
            ["url": "https://example.org", "token": "env:TOKEN"],
            http: RecordingHTTP(),
            secrets: ["env:TOKEN": "abc\r\nx-evil: 1"]
        )
        let failure = try #require(await failing(hook))
        #expect(failure.remedy == .giveUp && !failure.message.contains("evil"))
    }

    @Test func anAddressThatIsNoneIsNotRepeated() async throws {
        for address in ["ftp://s3cr3tpath", "https://u:p@s3cr3tpath", "file:///etc/s3cr3tpath", "http://h/#s3cr3tpath"]
        {
            let hook = try channel("slack", ["url": "env:URL"], secrets: ["env:URL": address])
            let failure = try #require(await failing(hook))
            #expect(failure.remedy == .giveUp && failure.message.contains("'env:URL'"))
            #expect(!failure.message.contains("s3cr3tpath"))
        }
    }

    @Test(
        arguments: [
            ("slack", ["url": "https://hooks.slack.com/services/T0/B0/x"], "literal-secret"),
            ("slack", ["url": "env:1X"], "literal-secret"), ("slack", ["url": "file:"], "literal-secret"),
            ("webhook", ["url": "https://e.org", "secret": "whsec_abcdef"], "literal-secret"),
            ("webhook", ["url": "https://e.org/h?token=abc", "secret": "env:A"], "literal-secret"),
            ("webhook", ["url": "https://e.org/hooks/a1b2c3d4e5f6a7b8c9", "secret": "env:A"], "literal-secret"),
            ("webhook", ["url": "https://me:pw@e.org/", "secret": "env:A"], "bad-channel"),
            ("webhook", ["url": "ftp://e.org/", "secret": "env:A"], "bad-channel"),
            ("webhook", ["url": "https://e.org:99999/", "secret": "env:A"], "bad-channel"),
            ("webhook", ["url": "https://", "secret": "env:A"], "bad-channel"),
            ("webhook", ["url": "https://e.org/", "secret": .list([])], "bad-channel"),
            (
                "webhook", ["url": "https://e.org", "secret": .list(["env:A", "env:B"]), "signature": "github"],
                "bad-channel"
            ), ("cloudevents", ["url": "https://e.org", "token": "abc"], "literal-secret"),
            ("alertmanager", ["url": "http://e.org", "user": "env:A", "password": "abc"], "literal-secret"),
        ] as [(String, [String: Setting], String)]
    )
    func aSecretInTheFileIsRefusedAtLoad(kind: String, settings: [String: Setting], rule: String) throws {
        let declaration = try #require(NoticeChannels.declarations.first { $0.kind == kind })
        for refuse in [
            { () throws -> Void in _ = try channel(kind, settings) }, { try declaration.check(.map(settings)) },
        ] {
            #expect {
                try refuse()
            } throws: { error in
                guard let diagnostic = error as? Diagnostic else { return false }
                let text = diagnostic.description
                return diagnostic.rule == rule && !["abc", "pw", "a1b2"].contains { text.contains($0) }
            }
        }
    }

    /// Addresses from which others on the way, or a proxy, could read what is sent.
    private static let openWays: [(String, [String: Setting])] = [
        ("http://alerts.example.org", [:]), ("http://10.0.0.1:9093/prefix", [:]), ("http://128.0.0.1", [:]),
        ("http://localhost.example.org", [:]), ("http://127.0.0.1.example.org", [:]), ("http://[::2]:9093", [:]),
        ("http://127.0.0.1:9093", ["proxy-variables": .truth(true)]),
    ]
    private static let privateWays = [
        "https://alerts.example.org", "http://localhost:9093", "http://127.0.0.1", "http://127.9.9.9:80/x?y",
        "http://[::1]:9093",
    ]
    private static let credentials: [[String: Setting]] = [
        ["token": "env:TOKEN"], ["user": "env:USER", "password": "env:TOKEN"],
    ]

    @Test(arguments: openWays, credentials)
    func credentialsAreNotSentWhereOthersCanReadThem(
        way: (String, [String: Setting]),
        credentials: [String: Setting]
    ) async throws {
        for kind in ["alertmanager", "cloudevents"] {
            let settings = way.1.merging(credentials) { $1 }
            let known = settings.merging(["url": .text(way.0)]) { $1 }
            let declaration = try #require(NoticeChannels.declarations.first { $0.kind == kind })
            for refuse in [
                { () throws -> Void in _ = try channel(kind, known) }, { try declaration.check(.map(known)) },
            ] {
                #expect {
                    try refuse()
                } throws: {
                    ($0 as? Diagnostic)?.rule == "unprotected-credentials"
                }
            }
            // Without credentials there is nothing to protect.
            _ = try channel(kind, way.1.merging(["url": .text(way.0)]) { $1 })
            // A reference is looked up when a notice is sent.
            let http = RecordingHTTP()
            let hidden = settings.merging(["url": "env:OPEN"]) { $1 }
            let secrets = secrets.merging(["env:OPEN": way.0]) { $1 }
            let failure = try #require(await failing(channel(kind, hidden, http: http, secrets: secrets)))
            #expect(failure.remedy == .giveUp && http.requests.isEmpty)
            #expect(!leaks(failure.message) && !failure.message.contains(way.0))
        }
    }

    @Test(arguments: privateWays, credentials)
    func credentialsAreSentWhereNobodyElseCanReadThem(address: String, credentials: [String: Setting]) async throws {
        for url in [address, "env:WAY"] {
            let http = RecordingHTTP()
            let settings = credentials.merging(["url": .text(url)]) { $1 }
            let secrets = secrets.merging(["env:WAY": address]) { $1 }
            #expect(await failing(try channel("cloudevents", settings, http: http, secrets: secrets)) == nil)
            #expect(http.requests.first?.header("authorization") != nil)
        }
    }

    /// The address of a chat's webhook is a credential itself; a webhook's signature is none.
    @Test func chatsAreReachedPrivatelyAndSignaturesMayBeSeen() async throws {
        let http = RecordingHTTP(IncomingAnswer(status: 200, body: Array("ok".utf8)))
        for (way, arrives) in [("http://chat.example.org/hook", false), ("http://127.0.0.1/hook", true)] {
            let chat = try channel("slack", ["url": "env:URL"], http: http, secrets: ["env:URL": way])
            let failure = await failing(chat)
            #expect((failure == nil) == arrives)
            #expect(failure == nil || failure?.remedy == .giveUp)
        }
        let signed: [String: Setting] = ["url": "http://desk.example.org", "secret": "env:KEY"]
        #expect(await failing(try channel("webhook", signed, http: http, secrets: secrets)) == nil)
    }

    @Test(arguments: ["http://127.0.0.1:9093", "https://alerts.example.org/prefix/", "http://[::1]:9093/x?team=core"])
    func anAddressWithoutASecretMayStandInTheFile(address: String) throws {
        _ = try channel("alertmanager", ["url": .text(address)])
    }

    /// Every kind whose settings name files, those files written relative to the rollout file.
    @Test(
        arguments: [
            ("slack", ["url": "file:address"]), ("webhook", ["url": "file:address", "secret": "file:key"]),
            ("cloudevents", ["url": "file:address", "token": "file:token"]),
            ("alertmanager", ["url": "file:address", "user": "file:token", "password": "file:token"]),
        ] as [(String, [String: Setting])]
    )
    func filesAreSeenFromTheRolloutFile(kind: String, settings: [String: Setting]) async throws {
        let http = RecordingHTTP(IncomingAnswer(status: 200, body: Array("ok".utf8)))
        let secrets = [
            "file:/rollouts/shop/address": "https://example.org", "file:/rollouts/shop/token": "t",
            "file:/rollouts/shop/key": "whsec_" + String(repeating: "A", count: 32),
        ]
        let all = settings.merging(["authorities": "trust/ca.pem"]) { $1 }
        let channel = try channel(kind, all, http: http, secrets: secrets, baseDirectory: "/rollouts/shop")
        _ = try await channel.send(notice(), attempt: attempt())
        #expect(http.requests.map(\.transport.authorities) == ["/rollouts/shop/trust/ca.pem"])
    }

    @Test func anAbsoluteFileStaysWhereItIs() async throws {
        let http = RecordingHTTP()
        let hook = try channel(
            "cloudevents",
            ["url": "https://example.org", "token": "file:/run/token", "authorities": "/etc/ca.pem"],
            http: http,
            secrets: ["file:/run/token": "t"]
        )
        _ = try await hook.send(notice(), attempt: attempt())
        #expect(http.requests.map(\.transport.authorities) == ["/etc/ca.pem"])
    }

    @Test func aRotatedFileIsReadWithoutARestart() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path(of: "secret")
        let reference = try SecretReference("file:\(path)", key: "token")
        #expect(throws: DeliveryFailure.self) { try SecretSource.world.secret(reference) }
        try Data("first\n".utf8).write(to: URL(filePath: path))
        #expect(try SecretSource.world.secret(reference) == "first")
        try Data("second\r\n".utf8).write(to: URL(filePath: path))
        #expect(try SecretSource.world.secret(reference) == "second")
        try Data("\n".utf8).write(to: URL(filePath: path))
        #expect(throws: DeliveryFailure.self) { try SecretSource.world.secret(reference) }
    }

    @Test func theEnvironmentIsRead() throws {
        let name = "PHASEGATE_TEST_SECRET_\(getpid())"
        let reference = try SecretReference("env:\(name)", key: "token")
        #expect(throws: DeliveryFailure("the environment variable '\(name)' is not set")) {
            try SecretSource.world.secret(reference)
        }
        // PATH is there in every environment that could start this test.
        #expect(try !SecretSource.world.secret(SecretReference("env:PATH", key: "token")).isEmpty)
    }
}

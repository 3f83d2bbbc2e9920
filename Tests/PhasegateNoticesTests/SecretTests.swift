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

import FoundationEssentials
import PhasegateCore
import PhasegateNotices
import Testing

@Suite("The channels there are")
struct NoticeChannelsTests {
    @Test func everyKindIsNamedOnceAndHasAPage() throws {
        let kinds = NoticeChannels.declarations.map(\.kind)
        #expect(kinds == ["console", "file", "email", "slack", "webhook", "cloudevents", "alertmanager"])
        let pages = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/channels")
        for declaration in NoticeChannels.declarations {
            let page = try Data(contentsOf: pages.appending(path: "\(declaration.kind).md"))
            let text = String(decoding: page, as: UTF8.self)
            for key in declaration.settings {
                #expect(text.contains("`\(key.name)`"), "\(declaration.kind): \(key.name)")
            }
        }
    }

    @Test func anUnknownKindIsRefusedAndTheNearestOneNamed() {
        #expect {
            try channel("slakc", [:])
        } throws: { error in
            guard let diagnostic = error as? Diagnostic else { return false }
            return diagnostic.rule == "unknown-channel" && diagnostic.hint?.contains("'slack'") == true
        }
    }

    @Test func theSameNoticeHasTheSameBytes() throws {
        let settings: [String: [String: Setting]] = [
            "slack": ["url": "env:A"], "webhook": ["url": "https://e.org", "secret": "env:A"],
            "cloudevents": ["url": "https://e.org"],
            "alertmanager": ["url": "http://e.org", "labels": .map(["team": "a", "tier": "b", "area": "c"])],
            "email": ["server": "mail.example.org", "from": "a@example.org", "to": "b@example.org"],
        ]
        for kind in NoticeChannels.declarations.map(\.kind) {
            let previews = try (0..<3).map { _ in
                try channel(kind, settings[kind] ?? [:]).preview(notice(), attempt: attempt())
            }
            #expect(Set(previews).count == 1 && !previews[0].isEmpty)
        }
    }
}

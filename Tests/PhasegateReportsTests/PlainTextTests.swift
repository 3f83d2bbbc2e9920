import Testing

@testable import PhasegateReports

@Suite("Plain text")
struct PlainTextTests {
    @Test(
        "terminal sequences go whole, forbidden characters go, text stays",
        arguments: [
            ("\u{1B}[1;31mred\u{1B}[0m", "red"), ("\u{9B}31mred", "red"), ("\u{1B}]0;title\u{7}text", "text"),
            ("\u{1B}]8;;file:///x\u{1B}\\link", "link"), ("\u{1B}Pdata\u{9C}text", "text"), ("a\u{1B}", "a"),
            ("a\u{0}b\u{8}c\u{7F}d\u{FFFF}e", "abcde"), ("a\r\nb\rc\td", "a\nb\nc\td"),
            ("\u{1F6A8} caf\u{E9}", "\u{1F6A8} caf\u{E9}"),
            // A string that never ends takes its own line with it, no more.
            ("a\u{1B}]0;title\nb", "a\nb"), ("a\u{1B}_x", "a"),
            // What turns the direction of writing is shown instead of obeyed.
            ("a\u{202E}b\u{2066}", "a\\u{202E}b\\u{2066}"), ("a\u{2028}b", "a\nb"),
        ]
    )
    func cleaned(_ text: String, _ expected: String) {
        #expect(PlainText.cleaned(text) == expected)
    }

    @Test(
        "words that command CI servers are broken up",
        arguments: ["[[ATTACHMENT|/etc/passwd]]", "[[property|a=b]]", "[[[ATTACHMENT|x]]", "[[ATTACHMENT|\u{301}x]]"]
    )
    func directives(_ text: String) {
        let bytes = String(decoding: PlainText.withoutDirectives(text).utf8, as: UTF8.self).lowercased().utf8
        #expect(!Array(bytes).containsSequence("[[attachment|") && !Array(bytes).containsSequence("[[property|"))
    }

    @Test("each such word gets its blank, however many there are", .timeLimit(.minutes(1)))
    func manyDirectives() {
        let count = 200_000
        var bytes = Array(String(repeating: "[[PROPERTY|", count: count).utf8)
        #expect(PlainText.breakDirectives(in: &bytes))
        #expect(bytes == Array(String(repeating: "[ [PROPERTY|", count: count).utf8))
        #expect(!PlainText.breakDirectives(in: &bytes))
    }

    @Test("a long text keeps head and tail and says what is missing")
    func capped() {
        let text = "HEAD" + String(repeating: "\u{E9}", count: 60_000) + "TAIL"
        let capped = PlainText.capped(text)
        #expect(capped.utf8.count <= PlainText.limit)
        #expect(capped.hasPrefix("HEAD") && capped.hasSuffix("TAIL") && capped.contains("bytes left out"))
        #expect(!capped.contains("\u{FFFD}"))
        #expect(PlainText.capped("short") == "short")
    }

    @Test("a cut never splits a character and never makes a text longer than it may be", arguments: 100..<180)
    func cutBetweenCharacters(_ limit: Int) {
        let text = String(repeating: "a\u{E9}\u{20AC}\u{1F6A8}", count: 40)
        let capped = PlainText.capped(text, to: limit)
        #expect(capped.utf8.count <= limit && !capped.unicodeScalars.contains("\u{FFFD}"))
        #expect(text.hasPrefix(capped.prefix { $0 != "\n" }))
        #expect(text.hasSuffix(capped.split(separator: "\n").last ?? ""))
    }

    @Test("a message is one line of at most so many characters")
    func oneLine() {
        #expect(PlainText.oneLine("  a\n\tb\u{2028}c  ") == "a b c")
        #expect(PlainText.oneLine(String(repeating: "x", count: 300), atMost: 200).count == 200)
    }

    @Test(
        "markup is escaped although a mark clings to it",
        arguments: [
            "\"\u{301}", "<\u{FE0F}", "\u{600}\"", "&\u{200D}", "'\u{20DD}", ">\u{301}\u{302}", "\"\r\u{301}",
            "<\r\u{FE0F}", "\u{600}\r\"", "\"\r\n\u{301}",
        ]
    )
    func shown(_ text: String) {
        #expect(
            Shown(text).renderText.allSatisfy { character in
                character.unicodeScalars.count == 1
                    || !character.unicodeScalars.contains { "<>&\"'".unicodeScalars.contains($0) }
            }
        )
    }

    @Test("every line end is one line feed")
    func lineEnds() {
        #expect(Shown("a\r\nb\rc\nd\r\r\n\u{E9}").renderText == "a\nb\nc\nd\n\n\u{E9}")
    }
}

extension [UInt8] {
    fileprivate func containsSequence(_ text: String) -> Bool {
        let needle = Array(text.utf8)
        return indices.contains { self[$0...].starts(with: needle) }
    }
}

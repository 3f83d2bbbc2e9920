import PhasegateCore
import PhasegateFiles
import Testing

@Suite(.timeLimit(.minutes(1))) struct LimitsTests {
    private func rules(_ text: String) -> [String] {
        Samples.loader().diagnostics(ofText: text, named: "s.yaml").0.map(\.rule)
    }

    private func rules(bytes: [UInt8]) -> [String] {
        RolloutLoader(
            probes: Samples.probes,
            channels: Samples.channels,
            sinks: Samples.sinks,
            sources: Samples.sources
        ) { _ in bytes }
        .diagnostics(of: "s.yaml").0
        .map(\.rule)
    }

    @Test func unreadableFiles() {
        let loader = RolloutLoader(
            probes: Samples.probes,
            channels: Samples.channels,
            sinks: Samples.sinks,
            sources: Samples.sources
        )
        for path in ["/no/such/file.yaml", "/", "", "a\0b"] {
            let (diagnostics, loaded) = loader.diagnostics(of: path)
            #expect(diagnostics.map(\.rule) == ["unreadable-file"])
            #expect(loaded == nil)
        }
        #expect(loader.diagnostics(of: "/no/such/file.yaml").0.first?.message.contains("no such file") == true)
        #expect(throws: Diagnostics.self) { try loader.load("/no/such/file.yaml") }
    }

    @Test(arguments: ["", "   \n\n", "# only a comment\n", "---\n", "~", "\u{FEFF}"])
    func emptyFiles(text: String) {
        #expect(rules(text) == ["empty-file"])
    }

    @Test func largeFiles() {
        let comment = String(repeating: "# filler\n", count: 500_000)
        #expect(rules(comment + Samples.good) == ["too-large"])
        #expect(rules(bytes: Array((comment + Samples.good).utf8)) == ["too-large"])
        // Nothing may be read without end.
        #expect(
            RolloutLoader(probes: [], channels: [], sinks: [], sources: []).diagnostics(of: "/dev/zero").0.map(\.rule)
                == [
                    "too-large"
                ]
        )
    }

    @Test(arguments: [
        String(repeating: "[", count: 100_000),
        String(repeating: "{a: ", count: 100_000),
        String(repeating: "- ", count: 100_000) + "x",
        String(repeating: "? ", count: 100_000) + "x",
        String(repeating: "[? ", count: 100_000),
        String(repeating: "[", count: 65) + String(repeating: "]", count: 65),
        (0..<2000).map { String(repeating: " ", count: $0) + "a:\n" }.joined(),
        (0..<70).map { String(repeating: " ", count: $0) + "a:\n" }.joined(),
    ])
    func deepFiles(text: String) {
        #expect(rules(text).contains("too-deep"))
    }

    @Test func textThatOnlyLooksDeepIsFine() throws {
        let brackets = String(repeating: "[", count: 100) + " { "
        let text = Samples.good.replacing("title: Fast reads", with: "title: '\(brackets)'")
        #expect(try Samples.loader().load(text: text, named: "s.yaml").rollout.flags.first?.title == brackets)
    }

    @Test func aliasesAreRefusedWhereTheyStand() {
        let sample = """
            phasegate: 1
            rollout: r
            title: «alias-bomb»&title t
            document: «alias-bomb»*title
            targets: {}
            «alias-bomb,unknown-key»*title : x
            phases: «missing-key»[]

            """
        let (text, expected) = unmarked(sample, file: "s.yaml")
        let found = Set(Samples.loader().diagnostics(ofText: text, named: "s.yaml").0.map(short))
        #expect(found.subtracting(expected) == [])
        #expect(expected.subtracting(found) == [])
    }

    @Test func billionLaughs() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1...60 {
            let alias = "*a\(level - 1)"
            text += "a\(level): &a\(level) [\(Array(repeating: alias, count: 9).joined(separator: ", "))]\n"
        }
        #expect(Set(rules(text)).isSuperset(of: ["alias-bomb"]))
        // As keys, aliases would be expanded while doubled keys are looked for.
        #expect(rules(text + "? [*a60, *a60]\n: 1\n? [*a60]\n: 1\n").contains("alias-bomb"))
    }

    @Test func asterisksInTextAreNoAliases() throws {
        let text = Samples.good.replacing("title: Fast reads", with: "title: 2 *a and &b")
            .replacing("SELECT * FROM", with: "SELECT *, t.*, a *b FROM")
        let rollout = try Samples.loader().load(text: text, named: "s.yaml").rollout
        #expect(rollout.flags.first?.title == "2 *a and &b")
        #expect(rollout.workloads.first?.queries.first?.sql == "SELECT *, t.*, a *b FROM trades WHERE id = :id")
    }

    @Test func notUTF8() {
        #expect(rules(bytes: [0x61, 0x3A, 0x20, 0xFF, 0xFE]) == ["not-utf8"])
        #expect(rules(bytes: [0xFF, 0xFE, 0x61, 0x00]) == ["not-utf8"])
    }

    @Test(arguments: [
        ("a: [1, 2\nb: 3\n", "2:2"), ("must: > 100 ms\n", "1:9"), ("a:\n\tb: 1\n", "2:1"), ("a: b: c\n", "1:5"),
        ("a: \u{7}\n", "1:4"), ("é: \"\u{1B}\"\n", "1:5"), ("a: \"b\n", "2:1"), ("a: != 5", "1:4"),
    ])
    func brokenYAMLHasItsPlace(text: String, place: String) throws {
        let first = try #require(
            Samples.loader().diagnostics(ofText: text, named: "s.yaml").0.first { $0.rule == "bad-yaml" }
        )
        #expect(first.place?.description == "s.yaml:" + place)
    }

    @Test func hintForConditionsThatYAMLEats() {
        let text = Samples.good.replacing("must: <= baseline", with: "must: > 100 ms")
        let block = "phasegate: 1\nphases:\n  - must: > 100 ms\n"
        #expect(Samples.loader().diagnostics(ofText: block, named: "s.yaml").0.first?.hint?.contains("quotes") == true)
        #expect(rules(text) == ["bad-yaml"])
    }

    @Test func severalDocuments() throws {
        let text = Samples.good + "---\nphasegate: 1\n"
        let first = try #require(Samples.loader().diagnostics(ofText: text, named: "s.yaml").0.first)
        #expect(first.rule == "several-documents")
        #expect(first.place?.line == Samples.good.split(separator: "\n", omittingEmptySubsequences: false).count)
        #expect(rules("---\n" + Samples.good) == [])
        #expect(rules("\u{FEFF}" + Samples.good) == [])
        #expect(rules(Samples.good.replacing("\n", with: "\r\n")) == [])
    }

    @Test func manyMistakesEnd() {
        let keys = (0..<20_000).map { "key\($0): 1\n" }.joined()
        let found = rules(keys)
        #expect(found.count <= 501)
        #expect(found.contains("too-many-problems"))
        let doubled = (0..<60).map { "key\($0): 1\nkey\($0): 2\n" }.joined()
        #expect(rules(doubled).contains("duplicate-key"))
        let chain = (0..<3000).map { "- {name: p\($0), needs: p\(($0 + 1) % 3000), reversibility: reversible}\n" }
            .joined()
        #expect(rules("phasegate: 1\nrollout: r\ntitle: t\ntargets: {}\nphases:\n\(chain)") == ["needs-cycle"])
    }
}

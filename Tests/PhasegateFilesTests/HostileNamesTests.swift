import PhasegateCore
import PhasegateFiles
import PhasegateLint
import PhasegateRisk
import Testing

@Suite struct HostileNamesTests {
    static let names = [
        "'", "\"", "'; DROP TABLE trades; --", "../../etc/passwd", "a\u{0}b", "\u{1B}[31mred", "a\nb", "\u{202E}txet",
        String(repeating: "x", count: 100_000), "🦊", "e\u{301}", "%s%n", "<script>", "${HOME}", "null", "[", "{", "&a",
        "*a", "!x", "\u{E000}\u{E001}", "",
    ]

    /// A YAML text in double quotes.
    static func yaml(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\" + String(scalar)
            case "\u{0}"..."\u{1F}": result += "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    @Test(
        arguments: names,
        ["sample", "main", "hot-path", "quick", "fast-reads", "second", "p95", "R1", "latency", "kind"]
    )
    func neverCrashTheLoader(hostile: String, name: String) {
        let text = Samples.good.replacing(name, with: Self.yaml(hostile))
        let (diagnostics, loaded) = Samples.loader().diagnostics(ofText: text, named: "s.yaml")
        if let loaded {
            _ = lint(loaded.rollout, places: loaded.places)
            let phases = loaded.rollout.phases
            _ = appraise(loaded.rollout.register, phases: phases, findings: [], criteria: phases.flatMap(\.criteria))
        }
        for diagnostic in diagnostics {
            let line = diagnostic.description
            #expect(line.unicodeScalars.allSatisfy { $0.value >= 32 && $0 != "\u{7F}" && $0 != "\u{202E}" })
            #expect(line.unicodeScalars.count < 1200)
        }
    }

    @Test(arguments: names)
    func titlesAreKeptAsTheyAre(hostile: String) throws {
        let text = Samples.good.replacing("title: A sample", with: "title: \(Self.yaml(hostile))")
        let loaded = try Samples.loader().load(text: text, named: "s.yaml")
        #expect(Array(loaded.rollout.title.unicodeScalars) == Array(hostile.unicodeScalars))
    }
}

import PhasegateCore
import PhasegateFiles
import PhasegateLint
import PhasegateRisk
import Testing

@Suite struct RegisterTests {
    private static let path =
        #filePath.replacing("Tests/PhasegateFilesTests/RegisterTests.swift", with: "")
        + "phases/replyx/risks.yaml"

    /// A rollout that takes the ReplyX register; the document assigns R001 to R008 to phases.
    private func load() throws -> LoadedRollout {
        let head = Samples.good.prefix(upTo: try #require(Samples.good.firstRange(of: "risks:\n  grid:")).lowerBound)
        let text =
            head.replacing("risks: [R1]", with: "risks: [R001, R002, R003, R004, R005, R006, R007, R008]")
            .replacing("risks: R1", with: "risks: R003") + "risks: \(Self.path)\n"
        return try RolloutLoader(
            probes: Samples.probes,
            channels: Samples.channels,
            sinks: Samples.sinks,
            sources: Samples.sources
        ).load(
            text: String(text),
            named: "s.yaml"
        )
    }

    @Test func replyXIsCountedAsTheDocumentCounts() throws {
        let register = try load().rollout.register
        let expected = (1...15).map { number in number < 10 ? "R00\(number)" : "R0\(number)" }
        #expect(register.risks.map(\.id.rawValue) == expected)
        func count(_ level: String) -> Int { register.risks.count { $0.declared.level == level } }
        #expect(count("HIGH") == 6 && count("MEDIUM") == 5 && count("LOW") == 4)
        #expect(register.risks.compactMap(\.declared.percent) == [10, 30, 25, 60, 20, 25])
        #expect(register.escalation.map(\.to) == [.seconds(900), .seconds(3600), .seconds(86_400)])
    }

    @Test func exactlyOneDeclaredLevelDisagrees() throws {
        let loaded = try load()
        let phases = loaded.rollout.phases
        let appraisals = appraise(loaded.rollout.register, phases: phases, findings: [], criteria: [])
        let differing = appraisals.filter { $0.disagreement != nil }
        #expect(differing.map(\.id) == ["R012"])
        #expect(differing.first?.level == "MEDIUM" && differing.first?.derivedLevel == "MEDIUM")
        #expect(
            differing.first?.disagreement == "declared LOW, but the grid says MEDIUM for likelihood High and impact Low"
        )
        let findings = lint(loaded.rollout, places: loaded.places)
        #expect(findings.map(\.rule) == ["risk-level-disagrees"])
        #expect(findings.first?.place == loaded.places["risks/R012"])
        #expect(findings.first?.place?.file == Self.path)
    }

    @Test func theLossModelGivesTheMeansOfTheDocumentsFigures() throws {
        let forecasts = forecastLosses(of: try load().rollout.register, worlds: 1000)
        #expect(forecasts.map(\.scenario) == ["A", "B", "C"])
        #expect(zip(forecasts.map(\.exactMean), [9031.25, 4343.75, 3246.875]).allSatisfy { abs($0 - $1) < 1e-9 })
    }

    @Test func aMissingRegisterIsTheFaultOfTheLineThatNamesIt() throws {
        let head = Samples.good.prefix(upTo: try #require(Samples.good.firstRange(of: "risks:\n  grid:")).lowerBound)
        let (text, expected) = unmarked(head + "risks: «unreadable-file»none.yaml\n", file: "dir/s.yaml")
        let found = Samples.loader().diagnostics(ofText: text, named: "dir/s.yaml").0
        #expect(Set(found.map(short)) == expected)
        #expect(found.first?.message.contains("'dir/none.yaml'") == true)
    }

    @Test func mistakesInARegisterHaveTheirPlaceInItsOwnFile() throws {
        let start = try #require(Samples.good.firstRange(of: "risks:\n  grid:")).lowerBound
        let text = Samples.good.prefix(upTo: start) + "risks: risks/own.yaml\n"
        let own = """
            grid:
              id: small
              version: 1
              likelihood: [{word: Low, from: 0, to: 50}, {word: High, from: 50, to: 100}]
              impact: [Low, High]
              levels: [LOW, HIGH]
              cells: [[LOW, LOW], [LOW, HIGH]]
            risks:
              - {id: R1, title: Slower, likelihood: «unknown-word»Hihg, impact: High}
              - {id: R2, «unknown-key»titel: Lost, «missing-key»likelihood: Low, impact: Low, standing: true}

            """
            .replacing(
                "{id: R2, «unknown-key»titel: Lost, «missing-key»",
                with: "«missing-key»{id: R2, «unknown-key»titel: Lost, "
            )
        let (register, expected) = unmarked(own, file: "dir/risks/own.yaml")
        let found = Samples.loader(["dir/risks/own.yaml": register]).diagnostics(
            ofText: String(text),
            named: "dir/s.yaml"
        ).0
        #expect(Set(found.map(short)) == expected)
    }
}

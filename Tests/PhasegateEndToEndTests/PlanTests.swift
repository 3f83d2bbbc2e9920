import Foundation
import PhasegateCore
import Testing

/// The files that ship with the project, checked through the binary.
@Suite struct PlanTests {
    static let rollouts: [String] = {
        let root = Repository.root + "/phases"
        let names = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
        return names.filter {
            $0.hasSuffix(".yaml") && !$0.hasSuffix("risks.yaml") && !$0.hasPrefix("decisions/")
        }
        .sorted().map { "phases/" + $0 }
    }()

    @Test(arguments: ["trading-migration", "journal-variants"])
    func everyShippedDecisionIsCompared(_ name: String) throws {
        let run = try Program.phasegate("strategy", "compare", Repository.root + "/phases/decisions/\(name).yaml")
        #expect(run.status == 0, "\(run.everything)")
        #expect(run.output.split(separator: "\n").allSatisfy { $0.count <= 90 })
        let json = try Program.phasegate(
            "strategy",
            "compare",
            "--json",
            Repository.root + "/phases/decisions/\(name).yaml"
        )
        #expect(json.status == 0)
        let document = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
        #expect(document?["decision"] as? String == name)
    }

    @Test func lossesAreSimulatedFromTheRegister() throws {
        let run = try Program.phasegate(
            "risks",
            "simulate",
            Repository.root + "/phases/replyx/rollout.yaml",
            "--worlds",
            "1000",
            "--scenario",
            "A"
        )
        #expect(run.status == 0, "\(run.everything)")
        #expect(run.output.contains("9,031 USD exactly"))
        let shop = try Shop()
        let none = try shop("risks")
        #expect(none.status == 0, "\(none.everything)")
        let unknown = try Program.phasegate(
            "risks",
            "simulate",
            Repository.root + "/phases/replyx/rollout.yaml",
            "--scenario",
            "Z"
        )
        #expect(unknown.status == 64, "\(unknown.everything)")
    }

    @Test(arguments: rollouts) func everyShippedRolloutIsValid(_ path: String) throws {
        let run = try Program.phasegate("validate", path)
        #expect(run.status == 0, "\(run.everything)")
        #expect(!run.output.contains(": error:"))
    }

    /// Signatures hold for a plan's digest: a new version must not take a plan that nobody touched for another one.
    @Test func aPlanKeepsTheDigestItHadInVersion01() throws {
        let shop = try Shop()
        #expect(try shop("plan").output.contains("plan fd8ab744c4210b1e, 1 phases"))
    }

    @Test func schemaFileIsWhatTheLoaderSays() throws {
        let run = try Program.phasegate("validate", "--schema")
        #expect(run.status == 0)
        #expect(
            run.output.trimmingCharacters(in: .whitespacesAndNewlines)
                == (try Repository.text(of: "phases/rollout.schema.json")).trimmingCharacters(
                    in: .whitespacesAndNewlines
                ),
            "write it anew: phasegate validate --schema > phases/rollout.schema.json"
        )
    }

    @Test func tenPlantedMistakesAreAllFoundInTheirPlaces() throws {
        let text = try String(contentsOfFile: fixture("ten-mistakes.yaml"), encoding: .utf8)
        // A mark `# <- rule` stands at the end of each wrong line.
        var planted: [(line: Int, rule: String)] = []
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            guard let mark = line.range(of: "# <- ") else { continue }
            planted.append((number + 1, String(line[mark.upperBound...])))
        }
        #expect(planted.count == 10)
        let run = try Program.phasegate("validate", fixture("ten-mistakes.yaml"))
        #expect(run.status == 65)
        let found = run.output.split(separator: "\n").filter { $0.contains(": error:") }.map(String.init)
        #expect(found.count == 10, "\(run.output)")
        for (line, rule) in planted {
            #expect(
                found.contains { $0.contains("ten-mistakes.yaml:\(line):") && $0.hasSuffix("[\(rule)]") },
                "line \(line), \(rule), in:\n\(run.output)"
            )
        }
    }

    @Test func selftestProvesTheProgramme() throws {
        let run = try Program.phasegate("selftest", "quantumleap")
        #expect(run.status == 0, "\(run.everything)")
        #expect(run.output.contains("every criterion can close its gate"))
    }

    @Test func selftestFindsACriterionThatCannotFail() throws {
        let shop = try Shop { $0.replacingOccurrences(of: "must: \">= baseline\"", with: "must: \">= 0 rows\"") }
        let run = try Program.phasegate("selftest", shop.rollout)
        #expect(run.status == 1)
        #expect(run.output.contains("it cannot close its gate"))
    }

    @Test func planTouchesNothing() throws {
        let shop = try Shop()
        let before = try FileManager.default.subpathsOfDirectory(atPath: shop.workspace.path).sorted()
        let run = try shop("plan", "--sql")
        #expect(run.status == 0)
        #expect(run.output.contains("+ CREATE INDEX orders_by_customer ON orders(customer);"))
        #expect(
            run.output.contains(
                "on harm: set flag 'new-search' to 0 %; check that 'main' is sound; roll back migration 1"
            )
        )
        #expect(try FileManager.default.subpathsOfDirectory(atPath: shop.workspace.path).sorted() == before)
    }

    @Test(arguments: [
        ("empty", ""), ("blank", "\n\n  \n"), ("a scalar", "hello"), ("a list", "- 1\n- 2\n"),
        ("tabs", "\tphasegate: 1\n"),
        ("unclosed", "phasegate: [1, 2\n"), ("binary", "\u{0}\u{1}\u{2}"),
        ("deep", String(repeating: "[", count: 100_000)),
        ("aliases", "a: &a [x]\nb: [*a, *a]\n"), ("large", "x: " + String(repeating: "y", count: 10_000_000)),
    ])
    func malformedFilesAreRefusedInWords(_ name: String, _ text: String) throws {
        let workspace = try Workspace()
        let run = try Program.phasegate("validate", workspace.write(text, to: "rollout.yaml"))
        #expect(run.status == 65, "\(name): \(run.everything.prefix(300))")
        #expect(!run.wasKilled)
        #expect(run.output.contains(": error: "), "\(name): \(run.everything.prefix(300))")
    }

    private func fixture(_ name: String) -> String {
        Repository.root + "/Tests/PhasegateEndToEndTests/Fixtures/" + name
    }
}

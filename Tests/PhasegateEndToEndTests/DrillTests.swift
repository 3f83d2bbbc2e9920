import Foundation
import Testing

/// The application's drills: what they report of it as it is, and that they notice when it is not.
@Suite struct DrillTests {
    @Test func breakerBehavesAsDesigned() throws {
        let run = try Program.quantumleap("drill", "breaker")
        #expect(run.status == 0, "\(run.everything)")
        #expect(run.output.hasPrefix("OK - "))
        #expect(run.figures == ["opens_after": "5", "half_open_after": "30s", "closes_after": "3"])
    }

    /// Figures that were printed from the settings of the usual breaker would not change with it.
    @Test(arguments: [(2, 1, 1), (3, 12, 2), (7, 45, 4)])
    func breakerIsMeasured(_ failures: Int, _ cooldown: Int, _ successes: Int) throws {
        let run = try Program.quantumleap(
            "drill",
            "breaker",
            "--failures-to-open",
            "\(failures)",
            "--cooldown",
            "\(cooldown)",
            "--successes-to-close",
            "\(successes)"
        )
        #expect(run.status == 0, "\(run.everything)")
        #expect(
            run.figures == [
                "opens_after": "\(failures)", "half_open_after": "\(cooldown)s", "closes_after": "\(successes)",
            ]
        )
    }

    @Test(arguments: [
        ["--failures-to-open", "100000"], ["--cooldown", "100000"], ["--successes-to-close", "100000"],
    ])
    func whatIsNoBreakerIsCritical(_ options: [String]) throws {
        let run = try Program.quantumleap.run(["drill", "breaker"] + options)
        #expect(run.status == 2, "\(run.everything)")
        #expect(run.output.hasPrefix("CRITICAL - "))
    }

    @Test func whatTheBreakerHidesIsUnknown() throws {
        #expect(try Program.quantumleap("drill", "breaker", "--failures-to-open", "1").status == 3)
    }

    @Test func everyErrorIsSortedIntoItsCategory() throws {
        let run = try Program.quantumleap("drill", "errors")
        #expect(run.status == 0, "\(run.everything)")
        #expect(run.figures["misfiled"] == "0")
        for category in ["connection", "query", "performance", "migration", "integrity"] {
            #expect((run.figures[category].flatMap { Int($0) } ?? 0) > 1, "\(category): \(run.output)")
        }
    }

    @Test func errorInTheWrongCategoryIsCritical() throws {
        let run = try Program.quantumleap("drill", "errors", "--expect-all", "query")
        #expect(run.status == 2)
        #expect(run.output.contains("a reference to nobody is integrity"))
    }

    @Test(.timeLimit(.minutes(2))) func transactionsHold() throws {
        let workspace = try Workspace()
        let run = try Program.quantumleap(
            "drill",
            "transactions",
            "--seconds",
            "0.5",
            environment: ["TMPDIR": workspace.path]
        )
        #expect(run.status == 0, "\(run.everything)")
        for figure in ["drift", "lost", "broken_reads", "changed"] { #expect(run.figures[figure] == "0", "\(figure)") }
        for figure in ["transfers", "aborted", "reads"] {
            #expect((run.figures[figure].flatMap { Int($0) } ?? 0) > 0, "\(figure)")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: workspace.path).isEmpty, "it left something behind")
    }

    /// The same drill on transfers that are not transactions finds the money missing.
    @Test(.timeLimit(.minutes(2))) func missingTransactionsAreNoticed() throws {
        let run = try Program.quantumleap("drill", "transactions", "--seconds", "0.5", "--without-transactions")
        #expect(run.status == 2, "\(run.everything)")
        #expect(run.figures["changed"] == "2", "the second and the third statement leave the first behind")
        #expect(run.figures["drift"] != "0")
    }

    @Test(.timeLimit(.minutes(2))) func killedWriterLosesNothing() throws {
        let workspace = try Workspace()
        let run = try Program.quantumleap("drill", "kill", environment: ["TMPDIR": workspace.path])
        #expect(run.status == 0, "\(run.everything)")
        for figure in ["drift", "lost", "damaged"] { #expect(run.figures[figure] == "0", "\(figure)") }
        #expect((run.figures["in_transaction"].flatMap { Int($0) } ?? 0) >= 3)
        #expect(try FileManager.default.contentsOfDirectory(atPath: workspace.path).isEmpty, "it left something behind")
    }

    @Test(.timeLimit(.minutes(2))) func killedWriterWithoutTransactionsIsNoticed() throws {
        let run = try Program.quantumleap("drill", "kill", "--without-transactions")
        #expect(run.status == 2, "\(run.everything)")
        #expect(run.figures["drift"] != "0")
    }

    @Test func metricsAreTheKnownValues() throws {
        let run = try Program.quantumleap("drill", "metrics")
        #expect(run.status == 0, "\(run.everything)")
        #expect(run.figures == ["compared": "12", "wrong": "0"])
        let slower = try Program.quantumleap("drill", "metrics", "--slowdown", "2")
        #expect(slower.status == 2)
        #expect(slower.output.contains("query_time_p95 is 380.0, not 190.0"))
    }

    @Test func drillThatCannotBeCarriedOutIsUnknown() throws {
        let run = try Program.quantumleap("drill", "errors", environment: ["TMPDIR": "/proc"])
        #expect(run.status == 3, "\(run.everything)")
        #expect(run.output.hasPrefix("UNKNOWN - "))
        #expect(run.figures.isEmpty)
    }
}

extension Program.Run {
    /// What stands behind the bar.
    fileprivate var figures: [String: String] {
        let sides = output.split(separator: "|")
        guard sides.count == 2 else { return [:] }
        let pairs = sides[1].split(whereSeparator: \.isWhitespace).map { $0.split(separator: "=") }
        return Dictionary(
            pairs.filter { $0.count == 2 }.map { (String($0[0]), String($0[1])) },
            uniquingKeysWith: { first, _ in first }
        )
    }
}

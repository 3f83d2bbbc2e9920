import PhasegateCore
import PhasegateReports
import PhasegateTesting
import Testing

@Suite("JUnit report")
struct JUnitReportTests {
    private func bytes(_ report: RolloutReport, _ profile: JUnitProfile = .xunit) throws -> [UInt8] {
        try #require(JUnitReport(profile: profile).render(report).first).bytes()
    }

    private func root(_ report: RolloutReport, _ profile: JUnitProfile = .xunit) throws -> XMLNode {
        try XMLNode(parsing: bytes(report, profile))
    }

    /// The case of the only criterion of a report.
    private func testCase(
        of criterion: RolloutReport.CriterionReport,
        _ profile: JUnitProfile = .xunit
    ) throws -> XMLNode {
        try #require(
            root(.only([criterion]), profile).all("testcase").first {
                $0.attributes["name"] == criterion.name.rawValue
            }
        )
    }

    /// The case of the phase of a report.
    private func phaseCase(_ report: RolloutReport) throws -> XMLNode {
        try #require(root(report).all("testcase").first { $0.attributes["name"] == "phase" })
    }

    @Test("each profile has its own name and file")
    func names() {
        let formats = JUnitProfile.allCases.map { JUnitReport(profile: $0) }
        #expect(formats.map(\.name) == ["junit", "junit-ant", "junit-ci"])
        #expect(
            formats.flatMap { $0.render(.sample).map(\.name) } == ["junit.xml", "junit-ant.xml", "junit-ci.xml"]
        )
    }

    @Test("a suite is a phase, a case is found again in the next run")
    func identity() throws {
        let suites = try root(.sample).children
        #expect(
            suites.map { $0.attributes["name"] } == [
                "core-infrastructure", "query-optimisation", "migration-system", "advanced-features",
            ]
        )
        let keys = suites.flatMap { $0.all("testcase") }
            .map { "\($0.attributes["classname"] ?? "") \($0.attributes["name"] ?? "")" }
        #expect(Set(keys).count == keys.count)
        #expect(keys.contains("phasegate.quantumleap.query-optimisation p95-regression"))
        #expect(keys.contains("phasegate.quantumleap.core-infrastructure step: migration-1"))
        let later = try root(.sample.with(status: .killed, verdict: .kill)).all("testcase")
        #expect(later.map { "\($0.attributes["classname"] ?? "") \($0.attributes["name"] ?? "")" } == keys)
    }

    @Test("names that are the same, or become so, are told apart")
    func duplicates() throws {
        let criteria = ["p95", "p95", "p\u{1B}[1m95", "p95 (2)", "", " "].map {
            RolloutReport.CriterionReport.judged($0, .pass)
        }
        let phase = RolloutReport.PhaseReport.queryOptimisation.with(stages: [], criteria: criteria)
        let root = try root(.sample.with(phases: [phase, phase]))
        #expect(
            root.children.first?.all("testcase").map { $0.attributes["name"] } == [
                "phase", "p95", "p95 (2)", "p95 (3)", "p95 (2) (2)", "(unnamed)", "(unnamed) (2)",
            ]
        )
        #expect(root.children.map { $0.attributes["name"] } == ["query-optimisation", "query-optimisation (2)"])
        let keys = root.all("testcase").map { [$0.attributes["classname"], $0.attributes["name"]] }
        #expect(Set(keys).count == keys.count)
    }

    @Test("phases whose names differ by a dot alone have class names of their own, the same each time")
    func classNames() throws {
        let names: [PhaseName] = ["a.b", "a_b", "a.b", "a_b (2)"]
        let report = RolloutReport.sample.with(
            phases: names.map { RolloutReport.PhaseReport.queryOptimisation.with(name: $0) }
        )
        let root = try root(report)
        #expect(
            root.children.map { $0.all("testcase").first?.attributes["classname"] } == [
                "phasegate.quantumleap.a_b", "phasegate.quantumleap.a_b (2)", "phasegate.quantumleap.a_b (2) (2)",
                "phasegate.quantumleap.a_b (2) (3)",
            ]
        )
        let keys = root.all("testcase").map { [$0.attributes["classname"], $0.attributes["name"]] }
        #expect(Set(keys).count == keys.count)
    }

    @Test("dots inside names do not split the class name")
    func dots() throws {
        #expect(
            try root(.sample.poisoned(with: ".v2")).all("testcase").first?.attributes["classname"]
                == "phasegate.quantumleap_v2.core-infrastructure_v2"
        )
    }

    @Test(
        "each finding has its one result, and its text says all",
        arguments: [
            (Finding.Outcome?.none, "skipped"), (.pass, "system-out"), (.warn, "system-out"), (.fail, "failure"),
            (.unknown, "error"),
        ]
    )
    func outcomes(_ outcome: Finding.Outcome?, _ element: String) throws {
        let testCase = try testCase(of: .judged("p95", outcome))
        #expect(testCase.children.map(\.name) == [element])
        let result = try #require(testCase.children.first)
        if let message = result.attributes["message"] { #expect(result.text.hasPrefix(message + "\n")) }
        #expect(result.attributes["message"] == nil ? element == "system-out" : element != "system-out")
        if outcome != nil {
            for line in [
                "observed: 54.6 ms", "bound: must <= 50 ms", "samples: 1180", "role: success, must",
                "probe: latency", "rounds: 3, not passed: 1", "observed at: 2026-11-21 09:29:40 UTC",
                "sources: S4-77", "risks: R003", "query: SELECT 1 < 2",
            ] {
                #expect(result.text.split(separator: "\n").contains(Substring(line)))
            }
        }
        if outcome == .warn { #expect(result.text.hasPrefix("WARN ")) }
    }

    @Test("types have a dot, so that no reader takes them for the type of the text")
    func types() throws {
        for profile in JUnitProfile.allCases {
            let root = try root(.allVerdicts, profile)
            let types = Set((root.all("failure") + root.all("error")).map { $0.attributes["type"] ?? "" })
            #expect(
                types == [
                    "phasegate.fail.must", "phasegate.fail.kill", "phasegate.fail.unconfirmed", "phasegate.unknown",
                    "phasegate.step.failed", "phasegate.phase.rolled-back", "phasegate.phase.failed",
                ]
            )
            #expect(root.all("skipped").allSatisfy { $0.attributes["type"] == nil })
        }
    }

    /// Weighs one criterion in all its forms, so that the rule is held against the gate itself.
    @Test("a criterion is red exactly when it alone keeps the gate closed", arguments: Criterion.Role.allCases)
    func redIsClosed(_ role: Criterion.Role) throws {
        let now = ManualClock.start
        var isSeen: [Bool: Int] = [:]
        for outcome: Reading.Outcome in [
            .measured(Measurement(Quantity(1, .milliseconds))), .measured(Measurement(Quantity(51, .milliseconds))),
            .measured(Measurement(Quantity(101, .milliseconds))), .unavailable(.timedOut, "30 s"),
        ] {
            for strength in [Criterion.Strength.must, .should] {
                for confirm in [1, 2] {
                    for isWaived in [false, true] {
                        let criterion = try makeCriterion(
                            "p95",
                            role,
                            strength: strength,
                            demand: "<= 100 ms",
                            warn: "> 50 ms",
                            confirm: confirm
                        )
                        let verdict = GateDefinition(
                            phase: "reads",
                            gate: Gate(
                                name: "exit",
                                position: .exit,
                                criteria: [criterion],
                                clock: GateClock(),
                                approvals: 0
                            ),
                            planDigest: "plan-1",
                            baselines: [:]
                        ).weigh(
                            GateRound(
                                readings: [
                                    Reading(
                                        criterion: "p95",
                                        outcome: outcome,
                                        observedAt: now,
                                        validUntil: now + .seconds(60)
                                    )
                                ],
                                waivers: isWaived
                                    ? [
                                        Waiver(
                                            phase: "reads",
                                            criterion: "p95",
                                            by: "l.brandt",
                                            because: "known",
                                            expires: now + .seconds(60),
                                            planDigest: "plan-1",
                                            at: now
                                        )
                                    ] : [],
                                at: now
                            ),
                            digest: { $0 }
                        )
                        let finding = try #require(verdict.findings.first)
                        let result = try testCase(of: .found(finding)).children.first?.name
                        let isRed = result == "failure" || result == "error"
                        #expect(isRed != verdict.outcome.isOpen, "\(finding) is \(result ?? "nothing")")
                        #expect((result == "failure") == (isRed && finding.outcome == .fail))
                        isSeen[isRed, default: 0] += 1
                    }
                }
            }
        }
        #expect(isSeen.keys.count == 2)
    }

    @Test("a should that fails under an open gate warns and is counted")
    func should() throws {
        let result = try #require(try testCase(of: .judged("p95", .fail, isShould: true)).children.first)
        #expect(result.name == "system-out" && result.text.hasPrefix("WARN should, but does not: 54.6 ms it is\n"))
        let report = RolloutReport.only([
            .judged("a", .fail, isShould: true), .judged("b", .warn), .judged("c", .pass), .judged("d", .fail),
        ])
        let properties = try root(report).all("property")
        #expect(properties.first { $0.attributes["name"] == "phasegate.warnings" }?.attributes["value"] == "2")
    }

    @Test("a failure that has to be seen again is red and says so")
    func unconfirmed() throws {
        let result = try #require(try testCase(of: .judged("p95", .fail, isUnconfirmed: true)).children.first)
        #expect(result.attributes["type"] == "phasegate.fail.unconfirmed")
        #expect(result.attributes["message"] == "not confirmed yet: 54.6 ms it is")
    }

    @Test("a waiver says who gave it and until when", arguments: [Finding.Outcome.fail, .unknown])
    func waived(_ outcome: Finding.Outcome) throws {
        let criterion = RolloutReport.CriterionReport.judged("p95", outcome, waivedBy: "l.brandt")
        let unsigned = try #require(try testCase(of: criterion).children.first)
        #expect(unsigned.name == "skipped")
        #expect(unsigned.attributes["message"] == "waived by l.brandt, stands at \(outcome.rawValue): 54.6 ms it is")
        let report = RolloutReport.only([criterion]).with(signatures: [
            .waiver(of: "p95", in: "query-optimisation"), .waiver(of: "other", in: "query-optimisation"),
            .waiver(of: "p95", in: "core-infrastructure"),
        ])
        let signed = try #require(
            try root(report).all("testcase").first { $0.attributes["name"] == "p95" }?.children.first
        )
        #expect(
            signed.attributes["message"]
                == "waived by l.brandt until 2026-11-30 12:00:00 UTC, stands at \(outcome.rawValue): 54.6 ms it is"
        )
        #expect(signed.text.contains("\nwaived because: known for query-optimisation p95"))
    }

    @Test("no waiver covers a kill criterion")
    func waivedKill() throws {
        let result = try testCase(of: .judged("p95", .fail, role: .kill, waivedBy: "l.brandt")).children.first
        #expect(result?.attributes["type"] == "phasegate.fail.kill")
    }

    @Test("a rollout that came to a bad end is not green", arguments: RolloutStatus.allCases)
    func ends(_ status: RolloutStatus) throws {
        let root = try root(RolloutReport.only([.judged("p95", .pass)]).with(status: status))
        let isBad = ![RolloutStatus.running, .held, .finished].contains(status)
        #expect(root.attributes["failures"] == (isBad ? "1" : "0"))
        let type = root.all("failure").first?.attributes["type"]
        #expect(type == (isBad ? "phasegate.phase.\(status.rawValue)" : nil))
    }

    @Test("waiting is skipped and says hold; neither red nor green")
    func hold() throws {
        let report = RolloutReport.only([.judged("p95", .pass)])
        for waiting in [
            report.with(status: .held, verdict: .go), report.with(status: .running, verdict: .hold),
        ] {
            let result = try #require(try phaseCase(waiting).children.first)
            #expect(result.name == "skipped")
            #expect(result.attributes["message"]?.hasPrefix("hold: 'p95-regression'") == true)
        }
        let running = try phaseCase(report.with(status: .running, verdict: .go)).children.first
        #expect(running?.attributes["message"]?.hasPrefix("not finished: ") == true)
        let ahead = RolloutReport.sample.with(phases: [.coreInfrastructure.with(progress: .ahead)])
        #expect(try phaseCase(ahead).children.first?.attributes["message"] == "not reached")
    }

    @Test("the phase tells what each of its gates said")
    func gates() throws {
        let phase = RolloutReport.sample.with(phases: [.queryOptimisation])
        let text = try #require(try phaseCase(phase).children.first).text
        #expect(text.contains("\ngate entry: go in round 7: all 1 criteria hold in one round\n"))
        #expect(text.contains("\ngate gate-at-25%: hold in round 377: 'p95-regression'"))
    }

    @Test("nothing to measure is an error, not a success")
    func nothing() throws {
        #expect(try root(.empty).attributes["errors"] == "1")
        let phase = RolloutReport.PhaseReport.coreInfrastructure.with(progress: .finished, stages: [], criteria: [])
        #expect(try root(.sample.with(phases: [phase])).attributes["errors"] == "1")
    }

    @Test(
        "steps are told as they went",
        arguments: [
            (RolloutReport.StageReport.Progress.ahead, "skipped"), (.present, "skipped"), (.passed, "system-out"),
            (.failed, "failure"), (.undone, "skipped"),
        ]
    )
    func steps(_ progress: RolloutReport.StageReport.Progress, _ element: String) throws {
        let step = RolloutReport.StageReport.step(
            "migration-1",
            progress,
            "2026-11-21T09:00:00Z",
            "2026-11-21T09:00:01Z",
            "apply migration 1 to 'main'",
            nil
        )
        let phase = RolloutReport.PhaseReport.queryOptimisation.with(stages: [step], criteria: [])
        let testCase = try #require(
            try root(.sample.with(phases: [phase])).all("testcase").first {
                $0.attributes["name"] == "step: migration-1"
            }
        )
        #expect(testCase.children.map(\.name) == [element])
        #expect(testCase.attributes["time"] == "1.000")
    }

    @Test(
        "a case takes as long as its measuring, whatever number comes in",
        arguments: [(Int64?.none, "0.000"), (1_234, "1.234"), (7, "0.007"), (-5, "0.000"), (.max, "1000000000.000")]
    )
    func time(_ took: Int64?, _ shown: String) throws {
        #expect(try testCase(of: .judged("p95", .pass, took: took)).attributes["time"] == shown)
    }

    @Test("a suite's time is the wall's, and says its zone")
    func wallTime() throws {
        let suite = try root(.sample).children.first
        // 11 days, 8 hours, 5 minutes and a second from the ledger, not the sum of the cases.
        #expect(suite?.attributes["time"] == "979501.000")
        #expect(suite?.attributes["timestamp"]?.contains(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) == true)
    }

    @Test("only the profile for annotations has what other schemas refuse")
    func ci() throws {
        let criterion = RolloutReport.CriterionReport.judged(
            "p95",
            .fail,
            place: Place(file: "phases/quantumleap.yaml", line: 41, column: 9),
            owner: "l.brandt"
        )
        let wanted = try testCase(of: criterion, .ci)
        #expect(wanted.attributes["file"] == "phases/quantumleap.yaml" && wanted.attributes["line"] == "41")
        #expect(wanted.attributes["owner"] == "l.brandt")
        #expect(wanted.children.map(\.name) == ["properties", "failure"])
        let traits = wanted.all("property").map { "\($0.attributes["name"] ?? "")=\($0.attributes["value"] ?? "")" }
        #expect(traits == ["role=success", "strength=must", "probe=latency", "sources=S4-77", "risks=R003"])
        let root = try root(.only([criterion, .judged("new", nil)]), .ci)
        #expect(root.attributes["skipped"] == "2" && root.attributes["timestamp"] == "2026-11-02T08:00:00Z")
        for profile in [JUnitProfile.xunit, .ant] {
            #expect(Set(try testCase(of: criterion, profile).attributes.keys) == ["name", "classname", "time"])
        }
    }

    @Test("where cases have no place for warnings, the suite tells them")
    func antWarnings() throws {
        let report = RolloutReport.only([.judged("a", .warn), .judged("b", .pass), .judged("c", .fail, isShould: true)])
        let suite = try #require(try root(report, .ant).children.first)
        #expect(suite.attributes["hostname"] == "localhost")
        #expect(suite.attributes["timestamp"] == "2026-11-16T08:30:00")
        #expect(suite.children.suffix(2).map(\.name) == ["system-out", "system-err"])
        #expect(
            suite.children.suffix(2).first?.text
                == "a: WARN 54.6 ms it is\nc: WARN should, but does not: 54.6 ms it is"
        )
        #expect(suite.all("testcase").filter { !$0.children.isEmpty }.count == 1)
        let none = try root(.only([.judged("b", .pass)]), .ant).children.first?.all("system-out").first
        #expect(none?.text == "no warnings")
    }

    @Test("a long message is cut, the text has all of it")
    func longMessage() throws {
        let reason = "begins " + String(repeating: "\u{E9}", count: 300) + " ends"
        let result = try #require(try testCase(of: .judged("p95", .fail, reason: reason)).children.first)
        let message = try #require(result.attributes["message"])
        #expect(message.count == 200 && message.hasSuffix("\u{2026}"))
        #expect(result.text.hasPrefix(reason + "\n") && result.text.hasPrefix(message.dropLast()))
    }

    @Test("a text with lines cannot add a fact of its own")
    func forgedFacts() throws {
        let criterion = RolloutReport.CriterionReport.judged("p95", .fail, notes: ["a\nobserved: 0 ms\r\nbound: none"])
        let text = try #require(try testCase(of: criterion).children.first).text
        #expect(text.contains("\nnote: a\n  observed: 0 ms\n  bound: none\n"))
        #expect(text.split(separator: "\n").count { $0.hasPrefix("observed: ") } == 1)
    }

    @Test("a terminal sequence that never ends hides nothing behind it")
    func unterminated() throws {
        let criterion = RolloutReport.CriterionReport.judged("p95", .fail, reason: "a \u{1B}]0;title", notes: ["seen"])
        let result = try #require(try testCase(of: criterion).children.first)
        #expect(result.attributes["message"] == "a")
        #expect(result.text.contains("\nobserved: 54.6 ms\n") && result.text.contains("\nnote: seen"))
    }

    @Test("the same report gives the same bytes, in one piece or in many", arguments: JUnitProfile.allCases)
    func deterministic(_ profile: JUnitProfile) throws {
        let report = RolloutReport.many(500)
        let file = try #require(JUnitReport(profile: profile).render(report).first)
        var pieces: [[UInt8]] = []
        try file.write { pieces.append(Array($0)) }
        #expect(pieces.count > 1)
        let whole = try bytes(report, profile)
        #expect(pieces.joined().elementsEqual(whole))
    }

    private struct FullDisk: Error {}

    @Test("what stops the sink stops the writing")
    func brokenSink() throws {
        let file = try #require(JUnitReport(limit: nil).render(.many(2_000)).first)
        var calls = 0
        #expect(throws: FullDisk.self) {
            try file.write { _ in
                calls += 1
                if calls == 2 { throw FullDisk() }
            }
        }
        #expect(calls == 2)
    }
}

extension RolloutReport.CriterionReport {
    fileprivate static func found(_ finding: Finding) -> Self {
        Self(
            name: finding.criterion,
            role: finding.role,
            strength: finding.strength,
            probe: "latency",
            bound: finding.bound,
            sources: [],
            risks: [],
            finding: finding,
            notes: [],
            rounds: 1,
            failures: 0,
            history: []
        )
    }
}

extension RolloutReport.Signature {
    fileprivate static func waiver(of criterion: String, in phase: PhaseName) -> Self {
        Self(
            kind: .waiver,
            subject: criterion,
            phase: phase,
            by: "l.brandt",
            because: "known for \(phase) \(criterion)",
            evidence: nil,
            at: RolloutReport.at("2026-11-20T12:00:00Z"),
            expires: RolloutReport.at("2026-11-30T12:00:00Z"),
            standing: "in force"
        )
    }
}

import PhasegateCore
import PhasegateFiles
import PhasegateLint
import Testing

@Suite struct NoticePlanTests {
    /// The sample with other notices in the place of its own.
    private func sample(notices: String) throws -> String {
        let start = try #require(Samples.good.firstRange(of: "\nnotices:")).lowerBound
        return Samples.good[...start] + notices
    }

    private func plan(_ notices: String) throws -> NoticePlan {
        try Samples.loader().load(text: sample(notices: notices), named: "s.yaml").rollout.notices
    }

    @Test func readsThePlan() throws {
        #expect(
            try Samples.loader().load(text: Samples.good, named: "s.yaml").rollout.notices
                == NoticePlan(
                    channels: [
                        .init(
                            name: "operations",
                            kind: "webhook",
                            settings: .map([
                                "url": .text("env:OPS_HOOK"), "secret": .text("env:OPS_SECRET"),
                                "timeout": .text("5 s"),
                            ])
                        ),
                        .init(name: "files", kind: "file", settings: .map([:])),
                    ],
                    routes: [
                        .init(levels: ["HIGH", "MEDIUM"], channels: ["operations", "files"]),
                        .init(
                            levels: ["LOW"],
                            phases: ["second"],
                            risks: ["R1"],
                            hours: .init(from: 480, to: 1110, offset: -330),
                            channels: ["files"]
                        ),
                    ],
                    quietHours: .init(from: 1320, to: 420, offset: 840),
                    repeatEvery: .seconds(7200),
                    roles: [
                        .init(
                            name: "Lead",
                            person: "Ada",
                            deputy: "Grace",
                            channels: ["operations"],
                            sources: ["S-10"]
                        ),
                        .init(name: "Deputy lead", person: "Grace"),
                    ],
                    emergency: ["Lead"]
                )
        )
    }

    @Test func nothingSaidIsAFileForEachNotice() throws {
        #expect(try plan("") == .byDefault)
        // Whoever only names roles still gets that file, and may route to it.
        let named = try plan("notices: {emergency: Lead, routes: [{channels: file}]}\n")
        #expect(named.channels == NoticePlan.byDefault.channels)
        #expect(named.repeatEvery == NoticePlan.byDefault.repeatEvery)
        #expect(named.emergency == ["Lead"] && named.roles == [] && named.quietHours == nil)
    }

    @Test func readsPositionsOfRisks() throws {
        let risks = try Samples.loader().load(text: Samples.good, named: "s.yaml").rollout.register.risks
        #expect(risks.first?.inherent == Risk.Position(likelihood: "High", impact: "High"))
        #expect(risks.first?.target == Risk.Position(likelihood: "Low", impact: "High"))
        #expect(risks.last?.inherent == nil && risks.last?.target == nil)
    }

    @Test(arguments: [
        ("kind: webhook", "kind: «unknown-channel-kind»webhok"),
        ("{name: operations, kind: webhook, ", "«missing-key»{name: operations, "),
        ("kind: file}", "kind: file, «unknown-key»url: x}"),
        ("{name: operations, kind: webhook, url: env:OPS_HOOK, ", "«missing-key»{name: operations, kind: webhook, "),
        ("timeout: 5 s", "timeout: «missing-unit»5"),
        (
            "- {name: operations, kind: webhook, url: env:OPS_HOOK, secret: env",
            "- «secret-in-file»{name: operations, kind: webhook, url: env:OPS_HOOK, secret: whsec"
        ),
        ("channels: [operations, files]", "channels: [«unknown-channel»operation, files]"),
        ("channels: [operations, files]", "channels: «missing-key»[]"),
        ("channels: [operations], source", "channels: [«unknown-channel»pager], source"),
        ("levels: [HIGH, MEDIUM]", "levels: [HIGH, «unknown-word»MEDUIM]"),
        ("levels: [HIGH, MEDIUM]", "levels: «missing-key»[]"),
        ("phases: [second]", "phases: [«unknown-phase»secnd]"),
        ("phases: [second]", "phases: «missing-key»[]"),
        ("risks: [R1]\n      hours", "risks: [«unknown-risk»R3]\n      hours"),
        ("risks: [R1]\n      hours", "risks: «missing-key»[]\n      hours"),
        ("from: \"08:00\"", "from: «bad-time»\"24:00\""),
        ("from: \"08:00\"", "from: «bad-time»8 am"),
        ("from: \"08:00\"", "from: «bad-time»\"08:60\""),
        ("from: \"08:00\"", "from: «bad-time»480"),
        ("to: \"18:30\"", "to: «bad-hours»\"08:00\""),
        ("to: \"07:00\"", "to: «bad-hours»\"22:00\""),
        ("offset: \"-05:30\"", "offset: «bad-offset»Europe/Berlin"),
        ("offset: \"-05:30\"", "offset: «bad-offset»\"+14:01\""),
        ("offset: \"-05:30\"", "offset: «bad-offset»\"-15:00\""),
        ("offset: \"-05:30\"", "offset: «bad-offset»\"05:30\""),
        ("quiet-hours: {from: \"22:00\", ", "quiet-hours: «missing-key»{"),
        ("repeat: 2 h", "repeat: «missing-unit»2"),
        ("repeat: 2 h", "repeat: «bad-duration»0 s"),
        ("name: Deputy lead", "name: «duplicate-name»Lead"),
        ("- {name: Deputy lead, ", "- «missing-key»{"),
        ("emergency: [Lead]", "emergency: [«wrong-type»{name: Lead}]"),
        ("repeat: 2 h", "«unknown-key»repeats: 2 h"),
        ("inherent: {likelihood: High", "inherent: {likelihood: «unknown-word»Hihg"),
        ("target: {likelihood: Low, impact: High}", "target: {likelihood: Low, impact: «unknown-word»Huge}"),
        ("target: {likelihood: Low, impact: High}", "target: «missing-key»{likelihood: Low}"),
        ("target: {likelihood: Low, impact: High}", "target: «wrong-type»LOW"),
    ])
    func oneMistakeIsReportedWhereItIs(right: String, wrong: String) throws {
        let range = try #require(Samples.good.firstRange(of: right), "the sample has lost '\(right)'")
        var sample = Samples.good
        sample.replaceSubrange(range, with: wrong)
        let (text, expected) = unmarked(sample, file: "s.yaml")
        let found = Set(Samples.loader().diagnostics(ofText: text, named: "s.yaml").0.map(short))
        #expect(found.subtracting(expected) == [])
        #expect(expected.subtracting(found) == [])
    }

    /// What has no name of its own is missed where it is used.
    @Test(arguments: [
        ("- {name: files, kind: file}", "- «wrong-type»files"),
        ("- {name: files, kind: file}", "- «missing-key»{kind: file}"),
        ("- {name: files, kind: file}", "- {name: «bad-name»'a b', kind: file}"),
        ("- {name: files, kind: file}", "- {name: «duplicate-name»operations, kind: file}"),
    ])
    func aChannelWithoutANameIsMissedByItsRoutes(right: String, wrong: String) {
        let sample = Samples.good.replacing(right, with: wrong)
            .replacing("channels: [operations, files]", with: "channels: [operations, «unknown-channel»files]")
            .replacing("channels: files", with: "channels: «unknown-channel»files")
        let (text, expected) = unmarked(sample, file: "s.yaml")
        let found = Set(Samples.loader().diagnostics(ofText: text, named: "s.yaml").0.map(short))
        #expect(found.subtracting(expected) == [])
        #expect(expected.subtracting(found) == [])
    }

    @Test func hintsNameTheNearestRightWord() throws {
        func hint(_ right: String, _ wrong: String) -> String? {
            let text = Samples.good.replacing(right, with: wrong)
            return Samples.loader().diagnostics(ofText: text, named: "s.yaml").0.first?.hint
        }
        #expect(hint("kind: webhook", "kind: webhok") == "did you mean 'webhook'?")
        #expect(hint("channels: [operations, files]", "channels: [operation]") == "did you mean 'operations'?")
        #expect(hint("levels: LOW", "levels: LWO") == "did you mean 'LOW'?")
        #expect(hint("phases: [second]", "phases: [secnd]") == "did you mean 'second'?")
        #expect(hint("offset: \"-05:30\"", "offset: CET")?.contains("names of time zones are not read") == true)
        let text = Samples.good.replacing("deciders: [Lead]", with: "deciders: [Laed]")
        let loaded = try Samples.loader().load(text: text, named: "s.yaml")
        #expect(lint(loaded.rollout, places: loaded.places).first?.hint == "did you mean 'Lead'?")
    }

    /// The first list is the fault; what the routes name is not reported on top of it.
    @Test func noChannelsAreAMistake() throws {
        let (text, expected) = unmarked(
            try sample(notices: "notices:\n  channels: «missing-key»[]\n  repeat: 1 h\n"),
            file: "s.yaml"
        )
        let found = Samples.loader().diagnostics(ofText: text, named: "s.yaml").0
        #expect(Set(found.map(short)) == expected)
    }

    @Test func routesNameRisksOfARegisterInAFileOfItsOwn() throws {
        let start = try #require(Samples.good.firstRange(of: "risks:\n  grid:"))
        let end = try #require(Samples.good.firstRange(of: "notices:"))
        let register = Samples.good[start.upperBound..<end.lowerBound]
        let own = ("  grid:" + register).split(separator: "\n", omittingEmptySubsequences: false)
            .map { String($0.dropFirst(2)) }.joined(separator: "\n")
        let rollout = Samples.good[..<start.lowerBound] + "risks: own.yaml\n" + Samples.good[end.lowerBound...]
        let loader = Samples.loader(["own.yaml": own])
        #expect(loader.diagnostics(ofText: String(rollout), named: "s.yaml").0.map(\.description) == [])
        let wrong = rollout.replacing("risks: [R1]\n      hours", with: "risks: [«unknown-risk»R7]\n      hours")
            .replacing("levels: LOW", with: "levels: «unknown-word»TINY")
        let (text, expected) = unmarked(String(wrong), file: "s.yaml")
        #expect(Set(loader.diagnostics(ofText: text, named: "s.yaml").0.map(short)) == expected)
        // A register that cannot be read makes neither its risks nor its levels unknown.
        let unreadable = Samples.loader().diagnostics(ofText: String(rollout), named: "s.yaml").0
        #expect(unreadable.map(\.rule) == ["unreadable-file"])
    }

    @Test func withoutARegisterThereAreTwoLevels() throws {
        func rules(_ levels: String) throws -> [String] {
            let start = try #require(Samples.good.firstRange(of: "risks:\n  grid:"))
            let text =
                Samples.good[..<start.lowerBound].replacing("risks: [R1]", with: "risks: []")
                .replacing("risks: R1", with: "risks: []")
                + "notices: {routes: [{levels: \(levels), channels: file}]}\n"
            return Samples.loader().diagnostics(ofText: String(text), named: "s.yaml").0.map(\.rule)
        }
        #expect(try rules("[LOW, HIGH]") == [])
        #expect(try rules("[MEDIUM]") == ["unknown-word"])
    }

    @Test(arguments: HostileNamesTests.names) func hostileTextsNeverReachATerminal(hostile: String) {
        let quoted = HostileNamesTests.yaml(hostile)
        for name in ["operations", "webhook", "env:OPS_HOOK", "LOW", "\"08:00\"", "\"-05:30\"", "Ada", "emergency"] {
            let text = Samples.good.replacing(name, with: quoted)
            let (diagnostics, loaded) = Samples.loader().diagnostics(ofText: text, named: "s.yaml")
            if let loaded { _ = lint(loaded.rollout, places: loaded.places) }
            for line in diagnostics.map(\.description) {
                #expect(line.unicodeScalars.allSatisfy { $0.value >= 32 && $0 != "\u{7F}" && $0 != "\u{202E}" })
                #expect(line.unicodeScalars.count < 1200)
            }
        }
    }
}

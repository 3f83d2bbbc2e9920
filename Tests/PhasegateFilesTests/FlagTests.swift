import PhasegateCore
import PhasegateFiles
import Testing

@Suite("flags of a rollout file") struct FlagTests {
    private func text(_ flag: String, steps: String = "5, 100") -> String {
        """
        phasegate: 1
        rollout: sample
        title: A sample
        targets:
          main: {engine: sqlite, path: sample.db}
        flags:
          reads: {store: flags.db, \(flag)}
        phases:
          - name: first
            reversibility: reversible
            ramp: {flag: reads, steps: [\(steps)], soak: 10m}
            preconditions:
              - {name: backup, source: S-1, probe: {kind: backup}, must: verified}

        """
    }

    @Test func isDrawnAsTheFileSays() throws {
        let flag = try #require(
            try Samples.loader().load(
                text: text(
                    "salt: s, algorithm: flagd-v1, bucket-by: tenant, cohort: ranked, members: [a, b, c], deny: b, "
                        + "allow: [z], sinks: [{name: t, kind: table, target: main}]"
                ),
                named: "s.yaml"
            ).rollout.flags.first
        )
        #expect(
            flag.draw
                == FlagDraw(
                    salt: "s",
                    algorithm: .flagdV1,
                    bucketBy: "tenant",
                    cohort: .ranked(["a", "b", "c"]),
                    deny: ["b"],
                    allow: ["z"]
                )
        )
        #expect(flag.sinks == [.init(name: "t", kind: "table", settings: .map(["target": .text("main")]))])
    }

    @Test func isPlainUnlessTheFileSaysOtherwise() throws {
        let flag = try #require(try Samples.loader().load(text: text("title: R"), named: "s.yaml").rollout.flags.first)
        #expect(flag.draw == FlagDraw(salt: "reads") && flag.sinks.isEmpty)
    }

    @Test(arguments: [
        ("algorithm: «unknown-word»flagd-v4"),
        ("cohort: «unknown-word»rank"),
        ("cohort: «bad-cohort»ranked"),
        ("cohort: ranked, members: «bad-cohort»[]"),
        ("«bad-cohort»members: [a]"),
        ("cohort: ranked, members: [a, «bad-cohort»a]"),
        ("allow: [a, «bad-cohort»b], deny: b"),
        ("bucket-by: «bad-cohort»''"),
        ("«unknown-key»bucketBy: tenant"),
        ("sinks: [{name: t, kind: «unknown-sink-kind»tabel}]"),
        ("sinks: [«missing-key»{name: t}]"),
        ("sinks: [{name: t, kind: table, target: «unknown-target»mian}]"),
        ("sinks: [{name: t, kind: table, path: a}, {name: «duplicate-name»t, kind: table, path: b}]"),
        ("sinks: [{name: t, kind: table, path: a}, «shared-sink»{name: u, kind: table, path: a}]"),
        ("algorithm: flagd-v3, sinks: [«sink-draws-differently»{name: t, kind: table}]"),
    ])
    func mistakesAreReportedWhereTheyStand(flag: String) {
        let (text, expected) = unmarked(text(flag), file: "s.yaml")
        let (found, _) = Samples.loader().diagnostics(ofText: text, named: "s.yaml")
        #expect(Set(found.map(short)) == expected)
    }

    @Test func theNearestWordIsNamed() {
        let (found, _) = Samples.loader().diagnostics(
            ofText: text("algorithm: flagd-3, sinks: [{name: t, kind: tabel}]"),
            named: "s.yaml"
        )
        let hints = found.compactMap(\.hint)
        #expect(hints.contains { $0.contains("'flagd-v3'") } && hints.contains { $0.contains("'table'") })
    }

    /// The sample's table knows whole percents only.
    @Test func aShareThatASinkWouldRoundIsRefused() {
        let file = text("sinks: [{name: t, kind: table}]", steps: "0.5, 5, 100")
        let (found, _) = Samples.loader().diagnostics(ofText: file, named: "s.yaml")
        #expect(found.map(\.rule) == ["share-rounded"])
        #expect(found.first?.message.contains("0.5 %") ?? false && found.first?.place?.line == 11)
    }
}

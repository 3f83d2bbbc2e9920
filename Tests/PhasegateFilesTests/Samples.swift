import PhasegateCore
import PhasegateFiles

/// Probe kinds for these tests; the real ones live in a target of their own.
enum Samples {
    static let latency = ProbeDeclaration(
        name: "latency",
        summary: "How long the queries of a workload take.",
        settings: [
            Shape.Key("workload", .name, required: true, "The workload."),
            Shape.Key("percentile", .number(0...100), "Which percentile; 95 unless said otherwise."),
            Shape.Key("window", .duration, "How long to measure."),
            Shape.Key("against", .map([Shape.Key("target", .name, "The database.")]), "What to compare with."),
            Shape.Key("columns", .named(.text), "Nothing that refers to anything."),
        ],
        output: { _ throws(Diagnostic) in .number(.time, 0...Double.greatestFiniteMagnitude) }
    )

    static let backup = ProbeDeclaration(
        name: "backup",
        summary: "Whether a backup proves to be one.",
        settings: [
            Shape.Key("target", .name, "The database."),
            Shape.Key("level", .oneOf(BackupLevel.allCases.map(\.rawValue)), "How far it is proven."),
        ],
        output: { settings throws(Diagnostic) in
            if settings["level"]?.text == "artifact" {
                throw Diagnostic(rule: "weak-backup", "an artifact alone proves nothing")
            }
            return .words(["verified", "broken"])
        }
    )

    /// Latency of users' requests, which can be compared with a control.
    static let observed = ProbeDeclaration(
        name: "observed-latency",
        summary: "Latency as users see it.",
        settings: [],
        comparisons: [.control]
    ) { _ throws(Diagnostic) in .number(.time, 0...1e12) }

    /// A share of users' requests, which can be compared with both.
    static let observedShare = ProbeDeclaration(
        name: "observed-share",
        summary: "A share as users see it.",
        settings: [],
        comparisons: [.control, .limit]
    ) { _ throws(Diagnostic) in .number(.share, 0...100) }

    static let probes = [backup, latency]

    static let webhook = ChannelDeclaration(
        kind: "webhook",
        summary: "Sends a signed request.",
        settings: [
            Shape.Key("url", .text, required: true, "Where."),
            Shape.Key("secret", .text, "What it is signed with."),
            Shape.Key("timeout", .duration, "How long to wait."),
        ],
        check: { settings throws(Diagnostic) in
            if let secret = settings["secret"]?.text, !secret.hasPrefix("env:") {
                throw Diagnostic(rule: "secret-in-file", "a secret is written into the file")
            }
        }
    )

    static let file = ChannelDeclaration(kind: "file", summary: "Writes a file for each notice.", settings: [])

    static let channels = [file, webhook]

    static let table = FlagSinkDeclaration(
        kind: "table",
        summary: "Writes a table in whole percent.",
        settings: [
            Shape.Key("path", .text, "A file."),
            Shape.Key("target", .name, "The database."),
        ],
        resolution: BasisPoints(rawValue: 100),
        objection: { _, draw in draw.algorithm == .flagdV3 ? "draws by another hash" : nil }
    )

    static let sources = [
        ObservationSourceDeclaration(
            kind: "json-lines",
            summary: "A file.",
            settings: [Shape.Key("path", .text, required: true, "The file.")],
            namesUsers: true
        ),
        ObservationSourceDeclaration(
            kind: "histogram",
            summary: "Counts without users.",
            settings: [],
            namesUsers: false
        ),
    ]

    static let sinks = [table]

    /// A small rollout that is right; every section occurs.
    static let good = """
        phasegate: 1
        rollout: sample
        title: A sample
        document: sample.txt
        source: [S-1, S-2]
        targets:
          main:
            engine: sqlite
            path: sample.db
            fingerprint: {application-id: 0x514C, tables: [trades]}
        workloads:
          hot-path:
            target: main
            queries:
              - sql: SELECT * FROM trades WHERE id = :id
                parameters:
                  id: {from: SELECT id FROM trades}
              - sql: SELECT count(*) FROM trades WHERE day BETWEEN :from AND :to
                parameters: {from: {range: [1, 10]}, to: {values: [10, 20, "x"]}}
                weight: 3
        thresholds:
          quick: {warn: "> 50 ms", fail: "> 100 ms", provided-by: first, source: S-3}
        flags:
          fast-reads: {store: flags.db, title: Fast reads}
        components:
          reader: {text: Reads, provided-by: second}
        phases:
          - name: first
            reversibility: reversible
            risks: R1
            preconditions:
              - {name: backup-restores, source: S-4, probe: {kind: backup, level: content}, must: verified}
            success:
              - {name: p95-regression, source: S-5, probe: {kind: latency, workload: hot-path}, must: <= baseline}
          - name: second
            needs: first
            window: {from: week 2, to: week 3}
            reversibility: compensable
            risks: [R1]
            clock: {interval: 5s, steady: 10s, timeout: 10 min, on-timeout: rollback}
            change: {migrations: migrations, versions: [2, 3], target: main}
            compensation: {migrations: migrations, versions: 4, target: main, backup: restored}
            ramp: {flag: fast-reads, steps: [0.5, 5, 100], soak: 10m}
            mitigations:
              - {text: Look twice, source: [S-6, S-7]}
            preconditions:
              - {name: backup-restores, source: S-4, probe: {kind: backup}, must: verified}
            guards:
              - name: p95-regression
                source: [S-8]
                risks: R1
                confirm: 2
                samples: 100
                baseline-of: first
                probe: {kind: latency, workload: hot-path, percentile: 99.9}
                fail: "> 1.2 x baseline"
            success:
              - {name: p95, source: S-5, probe: {kind: latency, workload: hot-path}, threshold: quick}
        risks:
          grid:
            id: small
            version: 1
            likelihood: [{word: Low, from: 0, to: 50}, {word: High, from: 50, to: 100}]
            impact: [Low, High]
            levels: [LOW, MEDIUM, HIGH]
            cells: [[LOW, MEDIUM], [MEDIUM, HIGH]]
          risks:
            - {id: R1, title: Slower, likelihood: High, percent: 60, impact: High, level: HIGH, priority: P1, owner: Lead, channel: "#db", actions: [Stop], inherent: {likelihood: High, impact: High}, target: {likelihood: Low, impact: High}}
            - {id: R2, title: Lost, likelihood: Low, impact: Low, standing: true, owner: Lead, channel: "#db", actions: [Stop]}
          escalation:
            - {level: HIGH, from: 0 min, to: 15 min, deciders: [Lead], audience: everybody, source: S-9}
            - {level: MEDIUM, from: 15 min, to: 1 h, deciders: [Deputy lead], audience: the team}
        notices:
          channels:
            - {name: operations, kind: webhook, url: env:OPS_HOOK, secret: env:OPS_SECRET, timeout: 5 s}
            - {name: files, kind: file}
          routes:
            - {levels: [HIGH, MEDIUM], channels: [operations, files]}
            - levels: LOW
              phases: [second]
              risks: [R1]
              hours: {from: "08:00", to: "18:30", offset: "-05:30"}
              channels: files
          quiet-hours: {from: "22:00", to: "07:00", offset: "+14:00"}
          repeat: 2 h
          roles:
            - {name: Lead, person: Ada, deputy: Grace, channels: [operations], source: S-10}
            - {name: Deputy lead, person: Grace}
          emergency: [Lead]

        """

    /// A loader that reads nothing but what a test hands it.
    static func loader(_ files: [String: String] = [:], also others: [ProbeDeclaration] = []) -> RolloutLoader {
        RolloutLoader(probes: probes + others, channels: channels, sinks: sinks, sources: sources) { path in
            guard let text = files[path] else { throw MissingFile() }
            return Array(text.utf8)
        }
    }

    struct MissingFile: Error, CustomStringConvertible {
        let description = "there is no such file"
    }
}

/// Takes `«rule»` marks out of a text and says where they were.
///
/// A mark stands right before the character that the diagnostic must point at,
/// so that a sample and its expectations cannot drift apart.
func unmarked(_ text: String, file: String) -> (text: String, expected: Set<String>) {
    var clean = ""
    var expected: Set<String> = []
    var line = 1
    var column = 1
    var rest = Substring(text)
    while let character = rest.first {
        if character == "«", let end = rest.firstIndex(of: "»") {
            for rule in rest[rest.index(after: rest.startIndex)..<end].split(separator: ",") {
                expected.insert("\(file):\(line):\(column) \(rule)")
            }
            rest = rest[rest.index(after: end)...]
            continue
        }
        clean.append(character)
        column += 1
        if character == "\n" {
            line += 1
            column = 1
        }
        rest.removeFirst()
    }
    return (clean, expected)
}

/// A diagnostic as `unmarked` writes its expectations.
func short(_ diagnostic: Diagnostic) -> String {
    "\(diagnostic.place.map(\.description) ?? "nowhere") \(diagnostic.rule)"
}

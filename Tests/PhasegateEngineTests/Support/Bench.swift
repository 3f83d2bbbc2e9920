import FoundationEssentials
import PhasegateCore
import PhasegateMigrations
import PhasegateObservations
import PhasegateProbes
import PhasegateTesting

/// A rollout with real database files in a directory of its own, and probes on it.
final class Bench: Sendable {
    static let now = Moment(milliseconds: 1_763_712_000_000)

    private let home: TemporaryDirectory
    let rollout: Rollout
    let sessions: SessionPool
    let sample: EngineSample
    var engine: any DatabaseEngine { sample.engine }

    init(
        on sample: EngineSample = .sqlite,
        targets: [TargetName: DatabaseTarget.Fingerprint] = ["main": .init(applicationID: nil, tables: [])],
        workloads: [Workload] = [],
        phases: [Phase] = []
    ) throws {
        let home = try TemporaryDirectory()
        self.home = home
        self.sample = sample
        rollout = Rollout(
            name: "bench",
            title: "Bench",
            targets: targets.map { name, fingerprint in
                DatabaseTarget(
                    name: name,
                    engine: sample.engine.name,
                    location: sample.locate(home.path, name.rawValue),
                    fingerprint: fingerprint,
                    isWritable: true
                )
            },
            workloads: workloads,
            phases: phases
        )
        sessions = SessionPool(rollout: rollout, baseDirectory: home.path, engines: [sample.engine])
    }

    /// The directory.
    var path: String { home.path }

    /// The path of a file in it.
    func path(of name: String) -> String { home.path(of: name) }

    /// Path of the target's file.
    func file(_ target: TargetName = "main") -> String { home.path(of: "\(target).db") }

    /// Where a target is.
    func location(_ target: TargetName = "main") -> DatabaseLocation {
        rollout.target(target)?.location ?? .file(file(target))
    }

    /// Makes a target and fills it.
    func make(_ target: TargetName = "main", _ script: String = "") async throws {
        try await sample.create(location(target))
        try await run(script, at: location(target))
    }

    /// Runs a script on a database file, on a connection of its own.
    func run(_ script: String, on path: String) async throws { try await run(script, at: .file(path)) }

    /// Runs a script on a database, the main one by default, on a connection of its own.
    func run(_ script: String, at location: DatabaseLocation? = nil) async throws {
        let session = try await engine.open(location ?? self.location(), for: .writing)
        try await closing(session) { (session) throws(SessionError) in
            try await session.run(script: script, within: .seconds(60))
        }
    }

    /// The rows of a query on a database file.
    func rows(_ sql: String, on path: String? = nil) async throws -> [[SQLValue]] {
        let session = try await engine.open(path.map { .file($0) } ?? location(), for: .reading)
        return try await closing(session) { (session) throws(SessionError) in
            try await session.rows(SQLQuery(sql), within: .seconds(60))
        }.map(\.values)
    }

    /// What a probe may use.
    func context(
        within limit: Duration = .seconds(30),
        at moment: Moment = Bench.now,
        flags: any FlagReading = FixedFlags([:]),
        attestations: [Attestation] = [],
        memo: RoundMemo = RoundMemo(),
        progress: @escaping @Sendable (ProbeProgress) -> Void = { _ in },
        pause: @escaping @Sendable (Duration) async -> Void = { try? await Task.sleep(for: $0) }
    ) -> ProbeContext {
        ProbeContext(
            rollout: rollout,
            phase: "one",
            baseDirectory: home.path,
            planDirectory: home.path,
            scratchDirectory: home.path(of: "scratch"),
            phaseEnteredAt: Bench.now + .seconds(-7200),
            gateOpenedAt: Bench.now + .seconds(-600),
            now: moment,
            deadline: limit,
            sessions: sessions,
            memo: memo,
            flags: flags,
            attestations: attestations,
            seed: 7,
            progress: progress,
            pause: pause
        )
    }

    /// Measures once by a kind's name, as a rollout file would ask for it.
    func measure(
        _ kind: ProbeName,
        _ settings: [String: Setting] = [:],
        in context: ProbeContext? = nil
    ) async throws -> Measurement {
        let probe = try ProbeKinds.every.probe(Criterion.ProbeSpec(kind: kind, settings: .map(settings)))
        return try await probe.measure(in: context ?? self.context())
    }

    /// Names of the files in a directory; empty when it is not there.
    func names(in directory: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: home.path(of: directory)).sorted()) ?? []
    }
}

extension ProbeKinds {
    /// All there are, as the assembly puts them together.
    static let every = builtIn.adding(ObservedProbes.kinds).adding(MigrationProbes.kinds)
}

/// Flags that are what they were made with.
struct FixedFlags: FlagReading {
    private let shares: [FlagKey: BasisPoints]

    init(_ shares: [FlagKey: BasisPoints]) { self.shares = shares }

    func share(of flag: FlagKey) async throws(ProbeError) -> BasisPoints? { shares[flag] }
}

extension Setting {
    /// A list of texts.
    static func texts(_ texts: String...) -> Setting { .list(texts.map { .text($0) }) }
}

extension Measurement {
    /// The word, if it is a single one.
    var word: String? {
        if parts.count == 1, case .word(let word) = parts[0].quantity.value { word } else { nil }
    }

    /// The number, if it is a single one.
    var number: Double? { parts.count == 1 ? parts[0].quantity.number : nil }
}

extension Setting: ExpressibleByStringLiteral {
    /// A text.
    init(stringLiteral text: String) { self = .text(text) }
}

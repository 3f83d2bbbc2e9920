import FoundationEssentials
import Glibc
import PhasegateControl
import PhasegateCore
import PhasegateFiles
import PhasegateFlagTables
import PhasegateFlags
import PhasegateHashing
import PhasegateLint
import PhasegateMariaDB
import PhasegateMigrations
import PhasegateNotices
import PhasegateObservationServer
import PhasegateObservations
import PhasegatePostgreSQL
import PhasegateProbes
import PhasegateReports
import PhasegateSQLite

/// The one place where the parts are built and put together.
struct Assembly {
    let loaded: LoadedRollout
    /// Warnings of the file, its lint and its migrations; errors stop before this.
    let findings: [Diagnostic]
    let file: String
    let places: Places
    let timeScale: Double

    var rollout: Rollout { loaded.rollout }

    /// The kinds of probes that a rollout may ask for.
    static let probeKinds = ProbeKinds.builtIn.adding(ObservedProbes.kinds).adding(MigrationProbes.kinds)

    /// The kinds of sources that observe the users of ramps.
    static let sources = ObservationSources.builtIn.adding([HTTPSource.self])

    /// Where things lie.
    struct Places {
        /// Directory of the rollout file: migrations and the register.
        let rolloutDirectory: String
        /// Directory of the data: targets, flag stores, backups.
        let workspace: String
        let ledger: LedgerLocation
        let reports: String

        var backups: String { workspace + "/backups" }
        var scratch: String { workspace + "/.phasegate/scratch" }
    }

    /// Loads a rollout and everything that can be said of it without a database.
    ///
    /// - Throws: `Diagnostics` with every error, those of lint and migrations included.
    init(_ options: RolloutOptions, timeScale: Double = 1) throws {
        file = try options.path()
        let (found, candidate) = Self.examine(file)
        let errors = found.filter { $0.severity == .error }
        guard errors.isEmpty, let candidate else { throw Diagnostics(errors) }
        loaded = candidate
        findings = found
        places = try options.places(for: file)
        self.timeScale = timeScale
    }

    /// Loads a rollout whose flags are to be set to nobody, with whatever mistakes it has beside them.
    ///
    /// - Throws: `Diagnostics` when not even the flags can be read.
    init(forKilling options: RolloutOptions) throws {
        file = try options.path()
        let (found, candidate) = Self.examine(file)
        guard let candidate else { throw Diagnostics(found.filter { $0.severity == .error }) }
        loaded = candidate
        findings = found
        places = try options.places(for: file)
        timeScale = 1
    }

    /// Reads files by all the kinds of probes, channels, sinks and sources there are.
    static var loader: RolloutLoader {
        RolloutLoader(
            probes: probeKinds.declarations,
            channels: NoticeChannels.declarations,
            sinks: FlagSinks.declarations,
            sources: sources.declarations
        )
    }

    /// Everything that is wrong with a rollout file, and what could be read of it.
    static func examine(_ file: String) -> ([Diagnostic], LoadedRollout?) {
        var (found, loaded) = loader.diagnostics(of: file)
        if let loaded {
            found += lint(loaded.rollout, places: loaded.places)
            found += lintForecasts(of: loaded.rollout, places: loaded.places)
            found += lintMigrations(
                of: loaded.rollout,
                baseDirectory: RolloutOptions.directory(of: file),
                places: loaded.places
            )
        }
        return (Diagnostics(found).all, loaded)
    }

    /// The plan's digest: the model and the text of every migration it applies.
    func planDigest() -> String {
        var text = loaded.digestText
        for set in rollout.phases.flatMap({ [$0.change, $0.compensation].compactMap(\.self) }) {
            let directory = MigrationDirectory(
                path: absolutePath(set.directory, in: places.rolloutDirectory),
                dialect: rollout.dialect(of: set.target)
            )
            for version in set.versions {
                guard let migration = directory.file(version) else { continue }
                text += "\n\(version) \(migration.checksum) \(migration.rollback.map { sha256(of: $0) } ?? "none")"
            }
        }
        return sha256(of: text)
    }

    /// Opens the ledger.
    func ledger(creating: Bool) async throws -> any SharedLedger {
        try await places.ledger.open(creating: creating)
    }

    /// Enters the kills that were asked for while the ledger could not be written, and says so.
    func enterPendingKills(into ledger: any SharedLedger) async throws {
        Kill.say(try await PendingKills(workspace: places.workspace).enter(into: ledger, of: rollout.name))
    }

    func sessions() -> SessionPool {
        SessionPool(
            rollout: rollout,
            baseDirectory: places.workspace,
            engines: [SQLiteEngine(), PostgreSQLEngine(), MariaDBEngine()]
        )
    }

    /// Where the flags are kept, without those who learn of them: enough to read a share.
    var flagLocations: [FlagKey: FlagLocation] {
        Dictionary(
            uniqueKeysWithValues: rollout.flags.map {
                ($0.key, FlagLocation(store: absolutePath($0.store, in: places.workspace), draw: $0.draw))
            }
        )
    }

    /// Where the flags are kept, and their sinks.
    func flagLocations(_ sessions: SessionPool) -> [FlagKey: FlagLocation] {
        let context = FlagSinkContext(baseDirectory: places.workspace, tables: SessionFlagTables(sessions: sessions))
        return Dictionary(
            uniqueKeysWithValues: rollout.flags.map { flag in
                // The loader has made each of them once, and refused the file otherwise.
                let sinks = flag.sinks.compactMap { try? FlagSinks.sink(from: $0, of: flag.key, in: context) }
                let store = absolutePath(flag.store, in: places.workspace)
                return (flag.key, FlagLocation(store: store, draw: flag.draw, sinks: sinks))
            }
        )
    }

    /// Puts a controller together.
    func controller(
        ledger: any SharedLedger,
        sessions: SessionPool,
        observer: RampObserver,
        alarm: Alarm,
        onRaised: @escaping @Sendable () -> Void,
        observe: @escaping @Sendable (RolloutController.Event) -> Void,
        onReading: @escaping @Sendable (Reading) -> Void,
        onProgress: @escaping @Sendable (ProbeProgress) -> Void
    ) -> RolloutController {
        let scaled = rollout.scaled(by: timeScale)
        let reader = FlagReader(reader: FlagShareReader(flags: flagLocations))
        let prober = ProbeRunner(
            rollout: scaled,
            kinds: Self.probeKinds,
            baseDirectory: places.workspace,
            planDirectory: places.rolloutDirectory,
            scratchDirectory: places.scratch,
            sessions: sessions,
            flags: reader,
            observations: observer,
            now: wallClock,
            onReading: onReading,
            onProgress: onProgress
        )
        let opening = Opening(
            planDigest: planDigest(),
            title: rollout.title,
            file: file,
            timeScale: timeScale,
            version: phasegateVersion
        )
        return RolloutController(
            charge: RolloutController.Charge(rollout: scaled, opening: opening, actor: controllerName()),
            ledger: ledger,
            prober: prober,
            runners: [
                MigrationRunner(
                    sessions: sessions,
                    baseDirectory: places.rolloutDirectory,
                    backupDirectory: places.backups,
                    scratchDirectory: places.scratch,
                    now: wallClock,
                    alongside: { step, session throws(SessionError) in
                        try await FlagTableClosing(rollout)(alongside: step, in: session)
                    }
                ),
                FlagStepRunner(
                    flags: flagLocations(sessions),
                    actor: controllerName(),
                    patience: .system { await isCalledOff(in: ledger) },
                    now: wallClock
                ),
            ],
            alerting: alerting(),
            alarm: alarm,
            now: wallClock,
            digest: { sha256(of: $0) },
            onRaised: onRaised,
            observe: observe
        )
    }

    /// Reads shares back.
    var flagReader: FlagReader { FlagReader(reader: FlagShareReader(flags: flagLocations)) }

    /// Says who sees the change at a share of a flag.
    func exposure(of key: FlagKey) -> LoadDriver.Exposure {
        guard let draw = rollout.flags.first(where: { $0.key == key })?.draw else { return { _ in { _ in false } } }
        return { share in
            let rule = FlagRule(key: key, draw: draw, share: share)
            return { rule.isExposed($0) }
        }
    }

    /// Puts together what watches the users of ramps.
    func observer(sessions: SessionPool, alarm: Alarm) -> RampObserver {
        let scaled = rollout.scaled(by: timeScale)
        let reader = FlagReader(reader: FlagShareReader(flags: flagLocations))
        let workspace = places.workspace
        let exposures = Dictionary(uniqueKeysWithValues: rollout.flags.map { ($0.key, exposure(of: $0.key)) })
        return RampObserver(rollout: scaled, alarm: alarm) { phase, observation throws(Diagnostic) in
            let context = ObservationContext(
                rollout: scaled,
                flag: phase.ramp?.flag ?? "",
                baseDirectory: workspace,
                sessions: sessions,
                flags: reader,
                exposure: exposures[phase.ramp?.flag ?? ""] ?? { _ in { _ in false } }
            )
            return try Self.sources.source(from: observation.source, in: context)
        }
    }

    /// Whether a person has asked to take back what the rollout has exposed; not while nothing can tell.
    private func isCalledOff(in ledger: any SharedLedger) async -> Bool {
        if PendingKills(workspace: places.workspace).isThere(for: rollout.name) { return true }
        guard let state = try? await ledger.state(of: rollout.name) else { return false }
        switch state.request?.kind {
        case .kill, .rollback: return true
        case .hold, nil: return false
        }
    }

    /// The rules for what people are told.
    func alerting() -> Alerting {
        Alerting(plan: rollout.notices) { try RiskAlertTemplate.render($0) }
    }

    /// The plan's ways to reach people; nothing is opened or sent yet.
    ///
    /// - Throws: `Diagnostic` when the settings of one are wrong.
    func noticeChannels() throws -> [any NoticeChannel] {
        let context = ChannelContext(
            baseDirectory: places.rolloutDirectory,
            directory: places.reports + "/notices"
        ) { text in
            Terminal.standard.transient("")
            for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
                Terminal.standard.line(harmless(String(line)))
            }
        }
        return try rollout.notices.channels.map { try NoticeChannels.channel(from: $0, context: context) }
    }

    /// What delivers the notices of the ledger; the lease is the caller's.
    func dispatcher(_ ledger: any SharedLedger) throws -> NoticeDispatcher {
        NoticeDispatcher(
            rollout: rollout.name,
            ledger: ledger,
            channels: try noticeChannels(),
            actor: controllerName(),
            now: wallClock
        )
    }

}

/// Milliseconds of the system's clock.
let wallClock: @Sendable () -> Moment = {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Moment(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
}

/// Who acts, for ledger and lease: program, host and process.
func controllerName() -> String {
    var name = [UInt8](repeating: 0, count: 256)
    let host = name.withUnsafeMutableBytes { buffer -> String in
        guard let base = buffer.baseAddress?.assumingMemoryBound(to: CChar.self), gethostname(base, 255) == 0 else {
            return "?"
        }
        return String(cString: base)
    }
    return "phasegate \(phasegateVersion) on \(host), process \(getpid())"
}

/// Reads flags back for the probes.
struct FlagReader: FlagReading {
    let reader: FlagShareReader

    func share(of flag: FlagKey) async throws(ProbeError) -> BasisPoints? {
        do {
            return try reader.share(of: flag)
        } catch {
            throw ProbeError(.unreachable, error.message)
        }
    }
}

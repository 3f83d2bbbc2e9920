import FoundationEssentials
import PhasegateCore
import PhasegateMigrations
import Testing

@Suite("reading migrations back", .serialized)
struct MigrationStateTests {
    private func states(_ world: MigrationBench, _ version: Int = 1) async throws -> (up: StepState, down: StepState) {
        (
            try await world.runner.state(of: .migrate(world.step(version))),
            try await world.runner.state(of: .unmigrate(world.step(version)))
        )
    }

    @Test(arguments: EngineSample.transactional)
    func comeFromTheTargetAlone(sample: EngineSample) async throws {
        let world = try await MigrationBench(on: sample)
        try world.write("001_a.sql", "CREATE TABLE a (v INTEGER)", rollback: "DROP TABLE a")
        let fresh = try await states(world)
        #expect(fresh.up.isNotDone && fresh.down.isDone)
        try await world.apply(1)
        let applied = try await states(world)
        #expect(applied.up.isDone && applied.down.isNotDone)
        // Somebody restores the database as it was: no note of ours says otherwise.
        try await world.bench.run("DROP TABLE phasegate_migrations; DROP TABLE a")
        let restored = try await states(world)
        #expect(restored.up.isNotDone && restored.down.isDone)
    }

    @Test(arguments: EngineSample.transactional)
    func anotherTextIsUnclear(sample: EngineSample) async throws {
        let world = try await MigrationBench(on: sample)
        try world.write("001_a.sql", "CREATE TABLE a (v INTEGER)", rollback: "DROP TABLE a")
        try await world.apply(1)
        try world.write("001_a.sql", "CREATE TABLE a (v INTEGER) -- a comment")
        #expect(try await states(world).up.isDone)
        try world.write("001_a.sql", "CREATE TABLE a (w INTEGER)")
        let changed = try await states(world)
        #expect(changed.up.isUnclear && changed.down.isUnclear)
        try world.remove("001_a.sql")
        #expect(try await states(world).up.isDone)
    }

    @Test func readingChangesNothing() async throws {
        let world = try await MigrationBench()
        try world.write("001_a.sql", "CREATE TABLE a (v INTEGER)")
        let before = try Data(contentsOf: URL(filePath: world.bench.file()))
        _ = try await states(world)
        #expect(try Data(contentsOf: URL(filePath: world.bench.file())) == before)
        #expect(world.bench.names(in: ".").sorted() == ["main.db", "migrations"])
    }

    @Test func anUnreadableTargetIsAnErrorAndNoState() async throws {
        let world = try await MigrationBench()
        try Data("no database, but long enough to be looked at".utf8).write(to: URL(filePath: world.bench.file()))
        await #expect(throws: StepError.self) { try await states(world) }
        try FileManager.default.removeItem(atPath: world.bench.file())
        await #expect(throws: StepError.self) { try await states(world) }
    }

    @Test func onlyItsOwnStepsAreHandled() async throws {
        let world = try await MigrationBench()
        let exposure = Step.expose(ExposureStep(flag: "f", share: .all))
        #expect(world.runner.handles(.migrate(world.step(1))))
        #expect(world.runner.handles(.unmigrate(world.step(1))))
        #expect(world.runner.handles(.checkHealth("main")))
        #expect(!world.runner.handles(exposure))
        #expect(try await world.runner.state(of: exposure).isUnclear)
        #expect(try await world.runner.state(of: .checkHealth("main")).isNotDone)
        await #expect(throws: StepError.self) { try await world.runner.run(exposure, because: "test") }
    }
}

@Suite("migrations of a rollout")
struct MigrationLintTests {
    private func rules(
        _ phases: [(reversibility: Reversibility, versions: [Int])],
        files: [String] = ["001_a.sql", "002_b.sql"],
        rollbacks: [String] = ["001_a.sql", "002_b.sql"]
    ) async throws -> [String] {
        let world = try await MigrationBench()
        let directory = world.bench.path(of: "migrations/rollback")
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        for name in files { try world.write(name, "SELECT 1", rollback: rollbacks.contains(name) ? "SELECT 1" : nil) }
        let rollout = Rollout(
            name: "bench",
            title: "Bench",
            phases: phases.enumerated().map { number, phase in
                Phase(
                    name: PhaseName(rawValue: "phase-\(number)"),
                    title: "",
                    reversibility: phase.reversibility,
                    change: MigrationSet(
                        directory: "migrations",
                        versions: phase.versions,
                        target: "main",
                        backup: .content,
                        deadline: .seconds(1)
                    )
                )
            }
        )
        let place = Place(file: "rollout.yaml", line: 7, column: 3)
        let found = lintMigrations(
            of: rollout,
            baseDirectory: world.bench.path,
            places: ["phases/phase-0/change": place]
        )
        return found.map(\.rule)
    }

    @Test func goodOnesAreSilent() async throws {
        #expect(try await rules([(.reversible, [1]), (.reversible, [2])]) == [])
        #expect(try await rules([(.irreversible, [1, 2])], rollbacks: []) == [])
    }

    @Test func everyRuleFinds() async throws {
        #expect(try await rules([(.reversible, [1, 2])], rollbacks: ["001_a.sql"]) == ["missing-rollback"])
        #expect(try await rules([(.reversible, [1, 3])]) == ["missing-migration"])
        #expect(try await rules([(.reversible, [2]), (.reversible, [1])]) == ["migration-order"])
        #expect(try await rules([(.reversible, [1]), (.reversible, [1])]) == ["migration-order"])
        #expect(try await rules([(.reversible, [1])], files: ["001_a.sql", "003_c.sql"]) == ["migration-gap"])
    }

    /// A plan whose files are all gone is not a plan without changes.
    @Test func anEmptyDirectoryLacksEveryVersion() async throws {
        #expect(try await rules([(.reversible, [1, 2])], files: []) == ["missing-migration", "missing-migration"])
    }
}

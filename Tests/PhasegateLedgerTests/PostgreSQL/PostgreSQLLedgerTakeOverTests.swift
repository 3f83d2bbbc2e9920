import Foundation
import Glibc
import PhasegateCore
import PhasegateLedger
import PhasegateTesting
import Testing

/// Law 7 with processes: holders are killed and frozen, others take over, and nothing is done twice.
@Suite(
    "ledger on PostgreSQL: taking over",
    .serialized,
    .enabled(if: PostgreSQLServer.isWanted, "PostgreSQL is not installed")
)
struct PostgreSQLLedgerTakeOverTests {
    /// An act in the world.
    private struct Act {
        let step: String
        let process: pid_t
        let nanoseconds: Int64
    }

    /// Holders of one lease on one world.
    private struct Crew {
        let bench: PostgreSQLBench
        let home: TemporaryDirectory
        let lease: String

        init(lease: String) async throws {
            bench = try await PostgreSQLBench()
            home = try TemporaryDirectory()
            self.lease = lease
        }

        private var world: String { home.path(of: "world") }

        func start(goal: Int = 1_000_000) throws -> RunningProgram {
            try ChildProgram(Self.holder, [bench.url("lease=\(lease)"), world, "\(goal)"]).start()
        }

        func acts(_ suffix: String = "") -> [Act] {
            let data = FileManager.default.contents(atPath: world + suffix) ?? Data()
            return String(decoding: data, as: UTF8.self).split(separator: "\n").compactMap { line in
                let words = line.split(separator: " ")
                guard words.count == 3, let process = pid_t(words[1]), let time = Int64(words[2]) else { return nil }
                return Act(step: String(words[0]), process: process, nanoseconds: time)
            }
        }

        /// Stops a holder wherever it is, but for the moment in which it has the lock of the world.
        ///
        /// That lock is the test's own, so that acts can be told apart; nobody takes it from a stopped process, as the
        /// ledger's are, and all others would wait for it.
        ///
        /// - Returns: when it had stopped.
        func freeze(_ holder: RunningProgram) async throws -> Int64 {
            let file = open(world, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
            defer { close(file) }
            flock(file, LOCK_EX)
            holder.send(SIGSTOP)
            let status = "/proc/\(holder.processIdentifier)/stat"
            let hasStopped = await eventually {
                // Behind the name, which may have spaces in it: the state.
                let text = String(decoding: FileManager.default.contents(atPath: status) ?? Data(), as: UTF8.self)
                return text.split(separator: ")").last?.hasPrefix(" T") ?? false
            }
            try #require(hasStopped)
            return PostgreSQLLedgerTakeOverTests.now()
        }

        /// Waits for the first act after an instant that is somebody else's.
        func firstAct(after instant: Int64, notBy process: pid_t?) async throws -> Act {
            var found: Act?
            _ = await eventually(within: .seconds(40)) {
                found = acts().first { $0.nanoseconds > instant && $0.process != process }
                return found != nil
            }
            return try #require(found)
        }

        /// Every step once, in order, and the ledger says the same.
        func checkThatNothingWasDoneTwice() async throws {
            let steps = acts().map(\.step)
            #expect(Set(steps).count == steps.count, "a step was done twice")
            #expect(steps == (0..<steps.count).map { "step/\($0 + 1)" })
            let ledger = try await bench.open(creating: false)
            _ = try await ledger.verify("demo")
            var intents: [String] = []
            var outcomes: [String] = []
            for entry in try await ledger.entries(of: "demo", after: 0) {
                switch entry.event {
                case .intended(let intent): intents.append(intent.id)
                case .acted(let intent, _): outcomes.append(intent)
                default: Issue.record("\(entry.event)")
                }
            }
            #expect(Set(intents).count == intents.count)
            #expect(Set(outcomes).count == outcomes.count)
            #expect(intents.count - outcomes.count <= 1)
            #expect(intents.starts(with: outcomes))
        }

        /// Beside the running test bundle.
        private static let holder: String = {
            let places = ["/proc/self/exe", CommandLine.arguments[0]].map {
                URL(fileURLWithPath: $0).resolvingSymlinksInPath().deletingLastPathComponent()
                    .appendingPathComponent("ledger-holder").path
            }
            return places.first { FileManager.default.isExecutableFile(atPath: $0) } ?? ".build/debug/ledger-holder"
        }()
    }

    private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// How often a holder is killed; each kill costs about a tenth of a second.
    private static let kills = 200

    @Test(.timeLimit(.minutes(5))) func killedAtAnyInstantNothingIsLostOrDoneTwice() async throws {
        let crew = try await Crew(lease: "30s")
        var random = RandomNumbers(seed: 7)
        var crowd = [try crew.start(), try crew.start(), try crew.start()]
        var times: [Int64] = []
        var last: pid_t?
        var killedAt: Int64 = 0
        for _ in 0..<Self.kills {
            let act = try await crew.firstAct(after: killedAt, notBy: last)
            if last != nil { times.append(act.nanoseconds - killedAt) }
            // Some acts later, and then at any instant of the next.
            let goal = crew.acts().count + Int.random(in: 1...6, using: &random)
            _ = await eventually { crew.acts().count >= goal }
            let instant = Self.now() + Int64.random(in: 0...3_000_000, using: &random)
            while Self.now() < instant {}
            let victim = try #require(crowd.first { $0.processIdentifier == act.process })
            killedAt = Self.now()
            victim.send(SIGKILL)
            last = act.process
            crowd.removeAll { $0.processIdentifier == act.process }
            crowd.append(try crew.start())
        }
        for holder in crowd { holder.send(SIGKILL) }
        // The last of them may be dead a moment later.
        _ = try await eventually { try await crew.bench.advisoryLocks() == 0 }
        try await crew.checkThatNothingWasDoneTwice()
        #expect(crew.acts(".late").isEmpty)
        times.sort()
        let milliseconds = times.map { Double($0) / 1_000_000 }
        print(
            "\(Self.kills) kills, \(crew.acts().count) acts, 0 twice; take-over p50 \(milliseconds[times.count / 2]) ms,"
                + " p95 \(milliseconds[times.count * 95 / 100]) ms, max \(milliseconds[times.count - 1]) ms"
        )
        // The server hears of a process's end from its machine: the lease time is not waited for.
        #expect(milliseconds[times.count / 2] < 1000)
        #expect(milliseconds[times.count - 1] < 30_000)
    }

    /// Stopped for longer than the lease, as a machine that is suspended, and woken in the middle of what it did.
    @Test(.timeLimit(.minutes(2))) func aHolderFrozenBeyondTheLeaseIsFencedOff() async throws {
        let crew = try await Crew(lease: "2s")
        var random = RandomNumbers(seed: 11)
        var times: [Int64] = []
        for _ in 0..<5 {
            let count = crew.acts().count
            let frozen = try crew.start()
            _ = try await frozen.line { $0 == "took" }
            let other = try crew.start()
            let goal = count + Int.random(in: 1...20, using: &random)
            _ = await eventually { crew.acts().count >= goal }
            let stoppedAt = try await crew.freeze(frozen)
            let act = try await crew.firstAct(after: stoppedAt, notBy: frozen.processIdentifier)
            times.append(act.nanoseconds - stoppedAt)
            frozen.send(SIGCONT)
            let word = try await frozen.line { $0.hasPrefix("error") }
            #expect(word.hasPrefix("error fencedOff"), "\(word)")
            other.send(SIGKILL)
        }
        try await crew.checkThatNothingWasDoneTwice()
        let milliseconds = times.sorted().map { Double($0) / 1_000_000 }
        print(
            "5 holders frozen, with a lease of 2 s: take-over p50 \(milliseconds[2]) ms, max \(milliseconds[4]) ms,"
                + " late acts that the world refused: \(crew.acts(".late").count)"
        )
        #expect(milliseconds[4] < 10_000)
    }

    /// All the work is done by many at once who die all the time, and it ends.
    @Test(.timeLimit(.minutes(2))) func whoIsLeftFinishes() async throws {
        let crew = try await Crew(lease: "30s")
        let first = try crew.start(goal: 40)
        let second = try crew.start(goal: 40)
        _ = await eventually { crew.acts().count >= 10 }
        first.send(SIGKILL)
        _ = try await second.line { $0 == "finished" }
        #expect(crew.acts().count == 40)
        try await crew.checkThatNothingWasDoneTwice()
    }
}

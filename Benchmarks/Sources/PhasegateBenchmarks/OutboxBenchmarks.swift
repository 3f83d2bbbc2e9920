import Foundation
import PhasegateControl
import PhasegateCore
import PhasegateLedger
import PhasegateNotices

/// Ten thousand notices to a receiver that fails three times in ten: every one has to arrive, told apart by its id.
struct OutboxBenchmarks {
    let place: Place
    private static let count = 10_000
    private static let episodes = 100
    private static let rollout: RolloutName = "outbox"

    func callAsFunction(_ board: Scoreboard) async throws {
        let directory = try emptyDirectory(place.work + "/outbox")
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let (receiver, port) = try startReceiver()
        // Not terminated: children inherit a mask that blocks that signal.
        defer { kill(receiver.processIdentifier, SIGKILL) }
        let ledger = try SQLiteLedger(path: directory + "/ledger.sqlite")
        try await raise(in: ledger)
        // The waits are those of the policy, a thousand times shorter; twenty tries instead of ten, since chance is chance.
        let policy = DeliveryPolicy(waits: (1...20).map { .milliseconds(5 * $0) })
        let dispatcher = NoticeDispatcher(
            rollout: Self.rollout,
            ledger: ledger,
            channels: [try channel(port)],
            actor: "bench",
            policy: policy,
            now: wallClock
        )
        let took = try await seconds {
            while let next = try await dispatcher.deliverDue() {
                try await Task.sleep(for: max(.zero, next - wallClock()))
            }
        }
        let seen = try await counts(port)
        say("\(Int(Double(Self.count) / took)) notices a second, \(seen.asked) attempts, \(seen.taken) taken")
        board.enter("outbox: notices seen by the receiver, by id", ours: seen.notices, theirs: 10_000, unit: "")
        board.enter("outbox: attempts / notices", ours: seen.asked, theirs: 10_000, unit: "")
        let left = try await ledger.state(of: Self.rollout).outbox.pending.count
        guard left == 0, seen.notices == Double(Self.count) else {
            throw ProgramFailed(description: "\(left) notices left, \(seen.notices) arrived of \(Self.count)")
        }
    }

    private func startReceiver() throws -> (Process, Int) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", place.benchmarks + "/receiver.py"]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let line = String(decoding: pipe.fileHandleForReading.availableData, as: UTF8.self)
        guard let port = Int(line.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw ProgramFailed(description: "the receiver said '\(line)' instead of its port")
        }
        return (process, port)
    }

    private func channel(_ port: Int) throws -> any NoticeChannel {
        setenv("BENCH_HOOK_SECRET", "whsec_" + Data(repeating: 7, count: 32).base64EncodedString(), 1)
        let settings: Setting = .map([
            "url": .text("http://127.0.0.1:\(port)/"), "secret": .text("env:BENCH_HOOK_SECRET"),
        ])
        return try NoticeChannels.channel(
            from: NoticePlan.Channel(name: "hook", kind: "webhook", settings: settings),
            context: ChannelContext(baseDirectory: place.work, directory: place.work) { _ in }
        )
    }

    private func raise(in ledger: SQLiteLedger) async throws {
        let now = wallClock()
        let opening = Opening(planDigest: "bench", title: "Outbox", file: "-", timeScale: 1, version: "bench")
        try await ledger.append([.opened(opening)], to: Self.rollout, by: "bench", at: now)
        for start in stride(from: 0, to: Self.count, by: 500) {
            let events = (start..<start + 500).map { number -> LedgerEvent in
                let notice = Notice(
                    id: NoticeID(rawValue: "outbox.\(number)"),
                    episode: EpisodeKey(rawValue: "outbox/phase/R\(number % Self.episodes)"),
                    kind: number < Self.episodes ? .fired : .repeated,
                    reason: "a benchmark",
                    level: "HIGH",
                    rollout: Self.rollout,
                    title: "RISK ALERT: R\(number % Self.episodes) - a benchmark",
                    body: String(repeating: "A line of some length, as alerts have it.\n", count: 12),
                    startedAt: now,
                    raisedAt: now
                )
                return .raised(notice, to: [Assignment(channel: "hook", dueAt: now)])
            }
            try await ledger.append(events, to: Self.rollout, by: "bench", at: now)
        }
    }

    private func counts(_ port: Int) async throws -> (asked: Double, notices: Double, taken: Double) {
        let asking = Process()
        asking.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        let code = "import urllib.request; print(urllib.request.urlopen('http://127.0.0.1:\(port)/').read().decode())"
        asking.arguments = ["python3", "-c", code]
        let pipe = Pipe()
        asking.standardOutput = pipe
        try asking.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        let seen = try JSONDecoder().decode([String: Double].self, from: data)
        return (seen["asked"] ?? 0, seen["notices"] ?? 0, seen["taken"] ?? 0)
    }
}

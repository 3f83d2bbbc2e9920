import Foundation
import Glibc
import PhasegateCore
import PhasegateLedger
import PhasegatePostgreSQLLedger

/// A controller in small, to be killed: takes the lease, then intends, acts and says so, over and over.
///
/// `ledger-holder URL WORLD GOAL`: WORLD is a file that gets one line per act
/// (step, process, nanoseconds of the machine's clock); it ends when GOAL
/// steps are done. A step is looked up in the world behind a lock before it is
/// done, as migrations are; one that was there already, though nobody had said
/// so, is written to `WORLD.late`.
@main
struct LedgerHolder {
    private static let rollout: RolloutName = "demo"

    static func main() async throws {
        let words = CommandLine.arguments
        guard words.count == 4, let goal = Int(words[3]) else { exit(64) }
        let world = World(path: words[2])
        let name = "holder \(getpid())"
        do {
            let ledger = try await PostgreSQLLedger(PostgreSQLLedgerLocation(words[1]))
            try await takeLease(ledger, name)
            tell("took")
            while true {
                let state = try await ledger.state(of: rollout)
                if let intent = state.inFlight {
                    // Somebody was interrupted: the world says how far they came.
                    if !world.has(intent.id) {
                        try await ledger.confirmLease(on: rollout)
                        world.act(intent.id)
                    }
                    try await say(.acted(intent: intent.id, StepOutcome(observed: "done")), ledger, name)
                } else if state.intents < goal {
                    let id = "step/\(state.intents + 1)"
                    let step = Step.expose(ExposureStep(flag: "f", share: BasisPoints(rawValue: 1)))
                    try await say(.intended(Intent(id: id, phase: "p", step: step, reason: "r")), ledger, name)
                    try await ledger.confirmLease(on: rollout)
                    world.act(id)
                    try await say(.acted(intent: id, StepOutcome(observed: "done")), ledger, name)
                } else {
                    break
                }
            }
            await ledger.releaseLease()
            tell("finished")
        } catch let error as LedgerError {
            tell("error \(error.code.rawValue): \(error.message)")
            exit(error.code == .fencedOff ? 75 : 69)
        }
    }

    private static func takeLease(_ ledger: PostgreSQLLedger, _ name: String) async throws {
        while true {
            do {
                return try await ledger.takeLease(on: rollout, holder: name, at: now())
            } catch let error as LedgerError where error.code == .leaseHeld {
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    private static func say(_ event: LedgerEvent, _ ledger: PostgreSQLLedger, _ name: String) async throws {
        try await ledger.append([event], to: rollout, by: name, at: now())
    }

    /// Not by way of a buffer, which would be lost with us.
    private static func tell(_ line: String) { _ = (line + "\n").withCString { write(STDOUT_FILENO, $0, strlen($0)) } }

    private static func now() -> Moment { Moment(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }
}

/// What is acted upon.
private struct World {
    let path: String

    func has(_ step: String) -> Bool { locked { steps(in: $0).contains(step) } }

    func act(_ step: String) {
        locked { file in
            let isLate = steps(in: file).contains(step)
            var time = timespec()
            clock_gettime(CLOCK_MONOTONIC, &time)
            let line = "\(step) \(getpid()) \(time.tv_sec * 1_000_000_000 + time.tv_nsec)\n"
            let goal = isLate ? open(path + ".late", O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644) : file
            // One write of few bytes is there or not, also when we are killed.
            _ = line.withCString { write(goal, $0, strlen($0)) }
            if isLate { close(goal) }
        }
    }

    private func locked<Value>(_ body: (Int32) -> Value) -> Value {
        let file = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        defer { close(file) }
        flock(file, LOCK_EX)
        return body(file)
    }

    private func steps(in file: Int32) -> Set<String> {
        let text = FileManager.default.contents(atPath: path) ?? Data()
        return Set(
            String(decoding: text, as: UTF8.self).split(separator: "\n").compactMap {
                $0.split(separator: " ").first.map(String.init)
            }
        )
    }
}

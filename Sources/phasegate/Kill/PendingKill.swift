import FoundationEssentials
import Glibc
import PhasegateCore
import PhasegateReports

/// A kill that was asked for, kept beside the workspace until it is in the ledger.
struct PendingKill: Codable, Hashable {
    let rollout: RolloutName
    let by: String
    let because: String
    let askedAt: Moment
    let id: String

    /// A kill asked for now.
    init(of rollout: RolloutName, by: String, because: String) {
        self.rollout = rollout
        self.by = by
        self.because = because
        askedAt = wallClock()
        id = "kill-\(askedAt.milliseconds)-\(getpid())"
    }

    var request: Request { Request(kind: .kill, by: by, because: because, askedAt: askedAt, id: id) }
}

/// The kills that were asked for in a workspace and are not in the ledger yet; a file for each.
struct PendingKills {
    /// Where they lie.
    let directory: String

    init(workspace: String) { directory = workspace + "/.phasegate/kills" }

    /// Keeps one; durable on return.
    ///
    /// - Returns: the file.
    /// - Throws: `ReportWriteError`.
    @discardableResult
    func keep(_ kill: PendingKill) throws -> String {
        let text: String
        do {
            text = String(decoding: try JSONEncoder().encode(kill), as: UTF8.self) + "\n"
        } catch {
            throw Failure(.internalError, "cannot write a kill down: \(error)")
        }
        return try ReportDirectory.write(
            [ReportFile(name: kill.id + ".json", bytes: Array(text.utf8))],
            into: directory
        )[0]
    }

    /// Whether one of a rollout waits.
    func isThere(for rollout: RolloutName) -> Bool { !files(of: rollout).isEmpty }

    /// Enters what waits into a ledger, each once, however often and by however many this is tried.
    ///
    /// A rollout that is at rest or has not begun has no controller that would
    /// carry the kill out: it is settled here, so that nothing takes it up again.
    ///
    /// - Returns: what was entered, with the number of its entry.
    /// - Throws: `LedgerError`; what was not entered waits on.
    func enter(into ledger: any SharedLedger, of rollout: RolloutName) async throws -> [(PendingKill, Int)] {
        var entered: [(PendingKill, Int)] = []
        for path in files(of: rollout) {
            guard let claim = try await Claim.patient(path) else { continue }
            defer { claim.release() }
            guard let kill = Self.read(path) else { continue }
            let known = try await ledger.entries(of: rollout).contains { entry in
                if case .requested(let request) = entry.event { request.id == kill.id } else { false }
            }
            if !known {
                let state = try await ledger.state(of: rollout)
                var events = [LedgerEvent.requested(kill.request)]
                if state.isAtRest || state.opening == nil {
                    let was = state.opening == nil ? "not begun" : state.status.rawValue
                    events.append(.settled(.killed, reason: "\(kill.request.sentence) (was \(was))"))
                }
                let after = try await ledger.append(events, to: rollout, by: kill.by, at: wallClock())
                entered.append((kill, after.sequence - events.count + 1))
            }
            unlink(path)
        }
        return entered
    }

    private func files(of rollout: RolloutName) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return names.filter { $0.hasSuffix(".json") }.sorted().map { directory + "/" + $0 }
            .filter { Self.read($0)?.rollout == rollout }
    }

    private static func read(_ path: String) -> PendingKill? {
        FileManager.default.contents(atPath: path).flatMap { try? JSONDecoder().decode(PendingKill.self, from: $0) }
    }

    /// The right to enter one file; whoever else is at it has it, and a file that is gone has been entered.
    private struct Claim {
        private let file: Int32

        /// Waits while somebody else is at it, but not for ever.
        static func patient(_ path: String) async throws -> Claim? {
            let end = ContinuousClock.now + .seconds(15)
            repeat {
                let file = open(path, O_RDONLY | O_CLOEXEC)
                guard file >= 0 else { return nil }
                var status = stat()
                if flock(file, LOCK_EX | LOCK_NB) == 0, fstat(file, &status) == 0, status.st_nlink > 0 {
                    return Claim(file: file)
                }
                close(file)
                try await Task.sleep(for: .milliseconds(20))
            } while ContinuousClock.now < end
            return nil
        }

        func release() {
            flock(file, LOCK_UN)
            close(file)
        }
    }
}

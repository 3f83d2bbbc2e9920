import Foundation
import PhasegateControl
import PhasegateCore
import PhasegateLedger
import PhasegateReports

/// The page of a rollout with many criteria and rounds: how long it takes, how large it gets, and how both grow.
struct PageBenchmarks {
    let place: Place
    private static let rounds = 200

    private struct Page {
        let reading: Double
        let rendering: Double
        let bytes: Double
    }

    func callAsFunction(_ board: Scoreboard) async throws {
        let directory = try emptyDirectory(place.work + "/page")
        var pages: [Int: Page] = [:]
        for criteria in [500, 1000, 2000] { pages[criteria] = try await page(criteria, in: directory) }
        guard let half = pages[500], let whole = pages[1000], let double = pages[2000] else { return }
        let name = "page of 1,000 criteria x \(Self.rounds) rounds"
        board.enter("\(name): rendering / 2 s", ours: whole.rendering, theirs: 2, unit: "s")
        board.enter("\(name): size / 5 MB", ours: whole.bytes / 1e6, theirs: 5, unit: "MB")
        board.enter("\(name): reading the ledger / rendering", ours: whole.reading, theirs: whole.rendering, unit: "s")
        board.enter(
            "a criterion's page of 1,000 / of 500",
            ours: whole.rendering / 2,
            theirs: half.rendering,
            unit: "s"
        )
        board.enter(
            "a criterion's page of 2,000 / of 1,000",
            ours: double.rendering / 2,
            theirs: whole.rendering,
            unit: "s"
        )
    }

    private func page(_ criteria: Int, in directory: String) async throws -> Page {
        let ledger = try SQLiteLedger(path: "\(directory)/\(criteria).sqlite")
        let rounds = Rounds(criteria: criteria)
        var state = try await rounds.open(ledger)
        var moment = Rounds.start
        for _ in 0..<Self.rounds {
            moment = moment + .seconds(10)
            state = try await rounds.tick(ledger, state, at: moment)
        }
        let rollout = Rollout(name: Rounds.rollout, title: "A page of \(criteria) criteria", phases: [rounds.phase])
        var report: RolloutReport?
        let reading = try await seconds {
            let entries = try await ledger.entries(of: Rounds.rollout)
            report = ReportBuilder(rollout: rollout, planFindings: [], version: "bench")
                .report(on: state, entries: entries, at: moment)
        }
        guard let report else { throw ProgramFailed(description: "there is no report") }
        var files: [ReportFile] = []
        var bytes: [UInt8] = []
        let times = try await medians(
            rounds: 5,
            [
                {
                    files = try HTMLReport().render(report)
                    bytes = try files[0].bytes()
                }
            ]
        )
        // Left for Benchmarks/first_paint.py.
        _ = try ReportDirectory.write(files.map { $0.renamed("\(criteria).html") }, into: directory)
        return Page(reading: reading, rendering: times[0], bytes: Double(bytes.count))
    }
}

import PhasegateCore
import PhasegateStatistics
import Testing

@testable import PhasegateObservations

@Suite("Lines that are not understood are told, and too many of them let nothing pass")
struct RejectedLinesTests {
    private func trial(rejecting count: Int) throws -> Trial {
        var trial = try Trial(Steps.plan(share: 25))
        var traffic = Traffic(share: 0.25)
        trial.run(&traffic, for: .seconds(60))
        #expect(trial.evidence("p95")?.answer == .pass)
        trial.feed(.rejected(RejectedLines(count: count, firstReason: LineError.notUTF8.reason)))
        return trial
    }

    @Test func aFewAreANote() throws {
        let trial = try trial(rejecting: 290)
        #expect(trial.evidence("p95")?.answer == .pass)
        #expect(trial.notes("p95").contains { $0.contains("290 of 30290 could not be understood") })
    }

    @Test func moreThanOneInAHundredLetNothingPass() throws {
        let trial = try trial(rejecting: 310)
        let answer = try #require(trial.evidence("p95")).answer
        guard case .blind(let why) = answer else {
            Issue.record("it passed although one line in a hundred was left out")
            return
        }
        #expect(why.hasSuffix("the first because it is not UTF-8"))
    }
}

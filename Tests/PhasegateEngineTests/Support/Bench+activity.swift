import PhasegateCore
import PhasegateProbes
import Testing

extension Bench {
    /// What the `activity` probe measures of the main target.
    func activity(_ what: String) async throws -> Double {
        try #require(try await measure("activity", ["measure": .text(what)]).number)
    }

    /// Waits until a measure is as expected: a session comes and goes when the server says so.
    func settles(_ what: String, _ isExpected: (Double) -> Bool) async throws -> Bool {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            if isExpected(try await activity(what)) { return true }
        }
        return false
    }
}

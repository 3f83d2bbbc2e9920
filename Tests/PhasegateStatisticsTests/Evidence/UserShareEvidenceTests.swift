import PhasegateStatistics
import Testing

@Suite("evidence with users as the units")
struct UserShareEvidenceTests {
    /// By mpmath with 50 digits from F3u, rounded to 16.
    @Test func agreesWithAnIndependentComputation() throws {
        var above = try UserShareEvidence(ratio: 1.5, candidateShare: 0.05, direction: .above)
        for share in [0.25, 1, 0.5] { try above.observe(candidate: share) }
        for share in [0, 0.125, 0, 0.25] { try above.observe(control: share) }
        above.closeLook()
        #expect(isClose(above.logEvidence, 2.999896092243724))
        #expect(above.candidateUsers == 3 && above.controlUsers == 4 && above.course.samples == 3)

        var below = try UserShareEvidence(ratio: 1, candidateShare: 0.25, direction: .below)
        for share in [0, 0.125] { try below.observe(candidate: share) }
        for share in [1, 0.5, 0.75, 0.25] { try below.observe(control: share) }
        below.closeLook()
        #expect(isClose(below.logEvidence, 0.2649672119390733))
    }

    /// All sequences of three users, each drawn into its arm, who bring different shares with the same mean.
    @Test(arguments: Direction.allCases, [0.8, 1.0, 1.6])
    func hasExpectationOneAtTheLimit(direction: Direction, ratio: Double) throws {
        let planned = 0.2
        let mean = 0.3
        // Arm, share of events, chance: the candidate all or nothing, the control in halves and quarters.
        let users: [(isCandidate: Bool, share: Double, chance: Double)] = [
            (true, 1, planned * mean * ratio), (true, 0, planned * (1 - mean * ratio)),
            (false, 0.5, (1 - planned) * 0.4), (false, 0.25, (1 - planned) * 0.4), (false, 0, (1 - planned) * 0.2),
        ]
        for restarts in [RestartSchedule.none, try RestartSchedule(every: 1, count: 2)] {
            var expectation = 0.0
            for sequence in sequences(of: users.count, length: 3) {
                var evidence = try UserShareEvidence(
                    ratio: ratio,
                    candidateShare: planned,
                    direction: direction,
                    restarts: restarts
                )
                var chance = 1.0
                for number in sequence {
                    let user = users[number]
                    chance *= user.chance
                    if user.isCandidate {
                        try evidence.observe(candidate: user.share)
                    } else {
                        try evidence.observe(control: user.share)
                    }
                    evidence.closeLook()
                }
                expectation += chance * exponentialOf(evidence.logEvidence)
            }
            #expect(isClose(expectation, 1))
        }
    }

    @Test func hasLessThanOneWithinTheLimit() throws {
        for (direction, mean) in [(Direction.above, 0.2), (.below, 0.4)] {
            var expectation = 0.0
            for (share, chance) in [(1.0, 0.5 * mean), (0, 0.5 * (1 - mean))] {
                var evidence = try UserShareEvidence(ratio: 1, candidateShare: 0.5, direction: direction)
                try evidence.observe(candidate: share)
                evidence.closeLook()
                expectation += chance * exponentialOf(evidence.logEvidence)
            }
            for (share, chance) in [(1.0, 0.5 * 0.3), (0, 0.5 * 0.7)] {
                var evidence = try UserShareEvidence(ratio: 1, candidateShare: 0.5, direction: direction)
                try evidence.observe(control: share)
                evidence.closeLook()
                expectation += chance * exponentialOf(evidence.logEvidence)
            }
            #expect(expectation < 0.99)
        }
    }

    @Test func restartsByLooksWhateverTheirUsers() throws {
        let restarts = try RestartSchedule(every: 2, count: 4)
        var crowded = try UserShareEvidence(ratio: 1, candidateShare: 0.5, direction: .above, restarts: restarts)
        var counted = try EventShareEvidence(ratio: 1, direction: .above, restarts: restarts)
        // As many users of either arm as planned, all or nothing: the same as F3.
        for (kc, kb) in [(1, 2), (4, 1), (3, 0)] {
            for user in 0..<4 {
                try crowded.observe(candidate: user < kc ? 1 : 0)
                try crowded.observe(control: user < kb ? 1 : 0)
            }
            crowded.closeLook()
            try counted.observe(
                LookCounts(candidate: ArmCounts(events: kc, trials: 4), control: ArmCounts(events: kb, trials: 4))
            )
            #expect(isClose(crowded.logEvidence, counted.logEvidence))
        }
        // A look without users is a look, before which capital joins, as the next one shows.
        crowded.closeLook()
        try counted.observe(LookCounts(candidate: .none, control: .none))
        for _ in 0..<4 { try crowded.observe(candidate: 1) }
        for _ in 0..<4 { try crowded.observe(control: 0) }
        crowded.closeLook()
        try counted.observe(
            LookCounts(candidate: ArmCounts(events: 4, trials: 4), control: ArmCounts(events: 0, trials: 4))
        )
        #expect(isClose(crowded.logEvidence, counted.logEvidence))
    }

    @Test(arguments: [-0.1, 1.1, Double.nan, .infinity, -.infinity])
    func refusesAShareThatIsNone(share: Double) throws {
        var evidence = try UserShareEvidence(ratio: 1, candidateShare: 0.5, direction: .above)
        let before = evidence
        #expect(throws: StatisticsError.unknownValue) { try evidence.observe(candidate: share) }
        #expect(throws: StatisticsError.unknownValue) { try evidence.observe(control: share) }
        #expect(evidence == before)
        #expect(throws: StatisticsError.notPositive) {
            try UserShareEvidence(ratio: share == 1.1 ? 0 : min(share, 0), candidateShare: 0.5, direction: .above)
        }
        #expect(throws: StatisticsError.shareOutOfRange) {
            try UserShareEvidence(ratio: 1, candidateShare: share, direction: .above)
        }
    }
}

import PhasegateCore
import PhasegateStatistics
import Testing

@testable import PhasegateObservations

@Suite("A step of a ramp is judged by what its users see")
struct StepJudgeTests {
    @Test func aHarmlessChangePassesWithoutAlarm() throws {
        var trial = try Trial(Steps.plan(share: 25))
        var traffic = Traffic(share: 0.25)
        trial.run(&traffic, for: .seconds(60))
        #expect(trial.evidence("p95")?.answer == .pass)
        #expect(trial.evidence("errors")?.answer == .pass)
        #expect(trial.alarmAt == nil)
    }

    @Test func aSlowDownByHalfRaisesTheAlarm() throws {
        var trial = try Trial(Steps.plan())
        var traffic = Traffic(candidate: Traffic.Behaviour(median: 30))
        trial.run(&traffic, for: .seconds(90))
        #expect(trial.evidence("p95")?.answer == .fail)
        #expect(try #require(trial.alarmAt) < .seconds(60))
    }

    @Test func aFailureStaysShownWhenTheHarmIsOver() throws {
        var trial = try Trial(Steps.plan(share: 25))
        var traffic = Traffic(share: 0.25, candidate: Traffic.Behaviour(median: 60))
        trial.run(&traffic, for: .seconds(30))
        #expect(trial.evidence("p95")?.answer == .fail)
        traffic.candidate.median = 10
        trial.run(&traffic, for: .seconds(60))
        #expect(trial.evidence("p95")?.answer == .fail)
    }

    @Test func errorsOfTheCandidateRaiseTheAlarm() throws {
        var trial = try Trial(Steps.plan(unit: .request))
        var traffic = Traffic(candidate: Traffic.Behaviour(errors: 0.05))
        trial.run(&traffic, for: .seconds(60))
        #expect(trial.evidence("errors")?.answer == .fail)
    }

    @Test func thinTrafficDecidesNothing() throws {
        var trial = try Trial(Steps.plan())
        var traffic = Traffic()
        trial.run(&traffic, for: .seconds(120), rate: 5)
        let evidence = try #require(trial.evidence("p95"))
        guard case .blind(let why) = evidence.answer else {
            Issue.record("570 requests of the control were taken for enough")
            return
        }
        // Five a second for 120 s, of which 5 % are the candidate's: less than the thousand that it takes.
        #expect(try #require(why.firstMatch(of: /requests missing: (\d+)/)).1.count == 3, "\(why)")
        #expect(trial.alarmAt == nil)
    }

    @Test func whereNothingHappensTheArmsAreAlike() throws {
        for (unit, slack) in [(ObservationPlan.Unit.user, 0.0), (.request, 1.0)] {
            var trial = try Trial(Steps.plan([Steps.errorsAgainstControl(plusPercent: slack)], unit: unit))
            var traffic = Traffic()
            trial.run(&traffic, for: .seconds(20))
            let ratio = try #require(trial.ratio("errors-against-control"))
            #expect(abs(ratio - 1) < 1e-9, "\(unit)")
            // The one failure there is, is of the control: nobody is to call the candidate worse.
            traffic.control = Traffic.Behaviour(errors: 1)
            trial.feed(.requests([traffic.request(of: "someone else", in: .control)]))
            traffic.control = Traffic.Behaviour()
            trial.run(&traffic, for: .seconds(20))
            #expect(try #require(trial.ratio("errors-against-control")) < 1, "\(unit)")
        }
    }

    @Test func anExposureThatIsOffMakesEverythingInvalid() throws {
        var trial = try Trial(Steps.plan())
        // Twelve percent are served with the change where five were planned, and it is slow as well.
        var traffic = Traffic(share: 0.12, candidate: Traffic.Behaviour(median: 60))
        trial.run(&traffic, for: .seconds(60))
        guard case .invalid(let why) = try #require(trial.evidence("p95")).answer else {
            Issue.record("an exposure of 12 % instead of 5 % was taken for sound")
            return
        }
        #expect(why.contains("5 % were planned"))
        #expect(trial.evidence("errors")?.answer == trial.evidence("p95")?.answer)
    }

    @Test func aSourceThatOnlyCountsSaysWhyUsersCannotBeJudged() throws {
        var trial = try Trial(Steps.plan())
        trial.now = .seconds(11)
        for arm in Arm.allCases {
            let latencies = CountedObservations.Buckets(upperEdges: [10_000, 100_000], counts: [900, 100, 0])
            trial.feed(.counts([CountedObservations(arm: arm, latencies: latencies, errors: 0, newUsers: 10)]))
        }
        guard case .blind(let why) = try #require(trial.evidence("p95")).answer else {
            Issue.record("users were judged of whom nothing is known")
            return
        }
        #expect(why.contains("does not say which user"))
    }

    @Test func anArmThatVanishesIsNoPass() throws {
        var trial = try Trial(Steps.plan(share: 25))
        var traffic = Traffic(share: 0.25)
        trial.run(&traffic, for: .seconds(60))
        #expect(trial.evidence("p95")?.answer == .pass)
        for _ in 0..<200 {
            trial.now += .milliseconds(200)
            trial.feed(.requests([traffic.request(of: "user-1", in: .candidate)]))
        }
        guard case .blind(let why) = try #require(trial.evidence("p95")).answer else {
            Issue.record("a comparison without a control passed")
            return
        }
        #expect(why.contains("control has had no request for"))
    }

    @Test func withoutTrafficNothingIsKnown() throws {
        var trial = try Trial(Steps.plan())
        for _ in 0..<300 {
            trial.now += .milliseconds(200)
            trial.feed(.requests([]))
        }
        guard case .blind = try #require(trial.evidence("p95")).answer else {
            Issue.record("no traffic at all was not told")
            return
        }
    }

    @Test func oneUserAloneDecidesNothing() throws {
        var trial = try Trial(Steps.plan())
        var traffic = Traffic(candidate: Traffic.Behaviour(median: 100))
        for _ in 0..<600 {
            trial.now += .milliseconds(200)
            trial.feed(.requests((0..<20).map { _ in traffic.request(of: "the one", in: .candidate) }))
        }
        let answer = try #require(trial.evidence("p95")).answer
        #expect(answer != .pass && answer != .fail)
    }

    @Test(arguments: [Double.nan, -1, .infinity, -.infinity])
    func whatIsNoLatencyNeverPasses(absurd: Double) throws {
        for unit in ObservationPlan.Unit.allCases {
            var trial = try Trial(Steps.plan([Steps.p95], share: 25, unit: unit))
            var traffic = Traffic(share: 0.25)
            for _ in 0..<300 {
                trial.now += .milliseconds(200)
                var batch = (0..<100).map { _ in traffic.next() }
                for index in batch.indices where batch[index].arm == .candidate { batch[index].microseconds = absurd }
                trial.feed(.requests(batch))
            }
            #expect(trial.evidence("p95")?.answer != .pass, "\(unit)")
        }
    }

    @Test func aLatencyThatIsAbsurdIsSlow() throws {
        var trial = try Trial(Steps.plan([Steps.p95], share: 25))
        var traffic = Traffic(share: 0.25, candidate: Traffic.Behaviour(median: 1e12))
        trial.run(&traffic, for: .seconds(40))
        #expect(trial.evidence("p95")?.answer == .fail)
    }

    @Test func usersInBothArmsMakeTheComparisonBlind() throws {
        var trial = try Trial(Steps.plan(share: 50))
        var traffic = Traffic(users: 200, share: 0.5)
        for _ in 0..<300 {
            trial.now += .milliseconds(200)
            // Arms by request, not by user: the flag does not stick.
            trial.feed(
                .requests(
                    (0..<20).map { number in
                        traffic.request(of: "user-\(number)", in: number.isMultiple(of: 2) ? .candidate : .control)
                    } + [traffic.request(of: "user-1", in: .candidate), traffic.request(of: "user-2", in: .control)]
                )
            )
        }
        guard case .blind(let why) = try #require(trial.evidence("p95")).answer else {
            Issue.record("users who are served in both arms were compared")
            return
        }
        #expect(why.contains("with the change and without"))
    }

    @Test func whatHappensInTheBurnInDoesNotCount() throws {
        var trial = try Trial(Steps.plan(share: 25))
        var traffic = Traffic(share: 0.25, candidate: Traffic.Behaviour(median: 200, errors: 0.5))
        trial.run(&traffic, for: .milliseconds(9800))
        traffic.candidate = Traffic.Behaviour()
        trial.run(&traffic, for: .seconds(60))
        #expect(trial.alarmAt == nil)
        #expect(trial.evidence("p95")?.answer == .pass)
    }

    @Test func withoutUsersThereIsNoPassUnlessThePlanSaysSo() throws {
        for (isChecked, expected) in [(true, false), (false, true)] {
            var trial = try Trial(Steps.plan([Steps.p95], share: 25, unit: .request, checksAssignment: isChecked))
            var traffic = Traffic(share: 0.25)
            for _ in 0..<300 {
                trial.now += .milliseconds(200)
                trial.feed(
                    .requests(
                        (0..<100).map { _ in
                            var observation = traffic.next()
                            observation.user = nil
                            return observation
                        }
                    )
                )
            }
            #expect((trial.evidence("p95")?.answer == .pass) == expected, "checked: \(isChecked)")
        }
    }

    @Test func aGapMakesTheComparisonBlindUntilItIsOver() throws {
        var trial = try Trial(Steps.plan(share: 25))
        var traffic = Traffic(share: 0.25)
        trial.run(&traffic, for: .seconds(60))
        trial.feed(.gap("the file is gone"))
        #expect(trial.evidence("p95")?.answer == .blind("the file is gone"))
        trial.run(&traffic, for: .seconds(1))
        #expect(trial.evidence("p95")?.answer == .pass)
    }

    @Test func beginningsTogetherSpendOneLevel() throws {
        var spent = 0.0
        for beginning in 1...50 {
            let plan = try Steps.plan(beginning: beginning)
            spent += try #require(plan.failLevels["p95"])
        }
        // Two criteria and four steps share five percent.
        #expect(spent <= 0.05 / 2 / 4)
        #expect(spent > 0.0499 / 2 / 4)
        #expect(try Steps.plan(beginning: 2).passLevel < 0.05 / 15)
    }
}

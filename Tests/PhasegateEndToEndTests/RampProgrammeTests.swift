import Testing

/// The ramps of the programmes, decided by evidence, with and without a fault.
@Suite("ramps compared with a control")
struct RampProgrammeTests {
    /// One after the other: each needs the machine to itself, or nearly so.
    @Suite("that are decided", .serialized)
    struct Decided {
        @Test(arguments: RampProgramme.allCases)
        func aChangeThatDoesNoHarmReachesEverybody(programme: RampProgramme) async throws {
            let run = try await programme.run("good")
            #expect(run.status == 0, "\(run.output.suffix(4000))")
            #expect(run.shares == ["5 %", "25 %", "100 %"])
            let comparison = try run.evidence(on: "p95-against-control")
            #expect(comparison.outcome == "pass")
            // Both ways were gone at the same time, and at 25 %.
            #expect(comparison.candidate > 100 && comparison.control > comparison.candidate)
        }

        @Test(arguments: RampProgramme.allCases)
        func aSlowDownByHalfIsTakenBackAtFivePercent(programme: RampProgramme) async throws {
            let run = try await programme.run("slow")
            #expect(run.status == 1, "\(run.output.suffix(4000))")
            #expect(run.shares == ["5 %", "0 %"])
            #expect(run.reason.contains("'p95-against-control'"))
            #expect(run.reason.contains("breaks 'fail > 1.1 x control', shown with a chance of at most"))
        }

        /// Every answer comes quickly, without an error, from a valid index.
        @Test func answersThatMissMostAreTakenBackAtFivePercent() async throws {
            let run = try await RampProgramme.replyx.run("missed")
            #expect(run.status == 1, "\(run.output.suffix(4000))")
            #expect(run.shares == ["5 %", "0 %"])
            #expect(run.reason.contains("'recall-as-served'"))
            #expect(run.reason.contains("breaks 'fail < 0.85', shown with a chance of at most"))
        }
    }

    /// Beside those that are decided: they have little traffic, and wait for their time-out.
    @Suite("that hold")
    struct Held {
        @Test(arguments: RampProgramme.allCases)
        func thinTrafficHolds(programme: RampProgramme) async throws {
            let run = try await programme.run("thin")
            #expect(run.status == 3, "\(run.output.suffix(4000))")
            #expect(run.shares == ["5 %"])
            #expect(run.reason.contains("requests missing: "), "\(run.reason)")
            #expect(try run.evidence(on: "p95-against-control").outcome == "unknown")
        }

        @Test(arguments: RampProgramme.allCases)
        func anExposureThatIsOffIsInvalid(programme: RampProgramme) async throws {
            let run = try await programme.run("leak")
            #expect(run.status == 3, "\(run.output.suffix(4000))")
            #expect(run.shares == ["5 %"])
            #expect(run.reason.contains("the exposure is off"), "\(run.reason)")
            #expect(try run.evidence(on: "p95-against-control").outcome == "unknown")
        }
    }
}

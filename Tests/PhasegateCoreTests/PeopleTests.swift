import PhasegateCore
import PhasegateTesting
import Testing

@Suite("Waivers and approvals at a gate")
struct PeopleTests {
    private func failing(_ role: Criterion.Role = .success) throws -> Trial {
        var trial = Trial(try makeCriterion("p95", role, demand: "<= 50 ms"))
        trial.read("p95", Quantity(51, .milliseconds))
        return trial
    }

    private func passing(approvals: Int) throws -> Trial {
        var trial = Trial(try makeCriterion("p95", demand: "<= 50 ms"))
        trial.read("p95", Quantity(50, .milliseconds))
        trial.demandedApprovals = approvals
        return trial
    }

    @Test("a waiver in force opens on condition and is told, for a failure and for not knowing")
    func waived() throws {
        var trial = try failing()
        trial.waive("p95")
        #expect(trial.verdict.outcome == .conditionalGo)
        #expect(trial.verdict.conditions.first?.contains("waived by L. Brandt") == true)
        #expect(trial.verdict("p95", .unavailable(.timedOut, "30 s")).outcome == .conditionalGo)
    }

    @Test("a waiver for something that passes takes nothing from the go")
    func needless() throws {
        var trial = try failing()
        trial.waive("p95")
        #expect(trial.verdict("p95", .measured(Measurement(Quantity(1, .milliseconds)))).outcome == .go)
    }

    @Test("a waiver that is not in force changes nothing")
    func notInForce() throws {
        let spoilt: [(String, (inout Trial) -> Void)] = [
            ("expired this instant", { $0.waive("p95", expires: .zero) }),
            ("given for another plan", { $0.waive("p95", plan: "plan-0") }),
            ("given for another phase", { $0.waive("p95", phase: "writes") }),
            ("given for another criterion", { $0.waive("p99") }),
            ("given later than now", { $0.waive("p95", at: .milliseconds(1)) }),
        ]
        for (name, waive) in spoilt {
            var trial = try failing()
            waive(&trial)
            #expect(trial.verdict.outcome == .recycle, "\(name)")
            #expect(trial.verdict.findings[0].waivedBy == nil, "\(name)")
        }
    }

    @Test("a kill criterion is never waived, failed or unknown")
    func kill() throws {
        var trial = try failing(.kill)
        trial.waive("p95")
        #expect(trial.verdict.outcome == .kill)
        #expect(trial.verdict("p95", .unavailable(.noData, "none")).outcome == .hold)
    }

    @Test("an approval counts once per person")
    func distinct() throws {
        var trial = try passing(approvals: 2)
        #expect(trial.verdict.outcome == .hold)
        trial.approve("L. Brandt")
        trial.approve("L. Brandt")
        #expect(trial.verdict.outcome == .hold)
        #expect(trial.verdict.reason.contains("1 of 2 approvals"))
        trial.approve("K. Odegaard")
        #expect(trial.verdict.outcome == .go)
    }

    @Test("an approval given for something else does not count")
    func otherwise() throws {
        let spoilt: [(String, (inout Trial) -> Void)] = [
            ("another plan", { $0.approve("L. Brandt", plan: "plan-0") }),
            ("other evidence", { $0.approve("L. Brandt", evidence: testDigest("p95=warn")) }),
            ("another gate", { $0.approve("L. Brandt", gate: "entry") }),
            ("another phase", { $0.approve("L. Brandt", phase: "writes") }),
            ("later than now", { $0.approve("L. Brandt", at: .milliseconds(1)) }),
        ]
        for (name, approve) in spoilt {
            var trial = try passing(approvals: 1)
            approve(&trial)
            #expect(trial.verdict.outcome == .hold, "\(name)")
        }
    }

    @Test("no approval opens a gate whose criteria do not pass")
    func notEnough() throws {
        var trial = try failing()
        trial.demandedApprovals = 1
        trial.approve("L. Brandt")
        #expect(trial.verdict.outcome == .recycle)
    }
}

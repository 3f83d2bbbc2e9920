import PhasegateCore
import PhasegateFiles
import PhasegateLint
import Testing

@Suite struct GoodRolloutTests {
    private func load() throws -> LoadedRollout {
        try Samples.loader().load(text: Samples.good, named: "sample.yaml")
    }

    @Test func hasNothingToComplainAbout() {
        let (diagnostics, loaded) = Samples.loader().diagnostics(ofText: Samples.good, named: "sample.yaml")
        #expect(diagnostics.map(\.description) == [])
        #expect(loaded.map { lint($0.rollout, places: $0.places).map(\.description) } == [])
    }

    @Test func readsEverySection() throws {
        let rollout = try load().rollout
        #expect(rollout.name == "sample")
        #expect(rollout.sources == ["S-1", "S-2"])
        let target = try #require(rollout.target("main"))
        #expect(target.fingerprint.applicationID == 20812)
        #expect(target.isWritable)
        let workload = try #require(rollout.workload("hot-path"))
        #expect(workload.concurrency == 1 && workload.warmup == 20 && workload.samples == 200)
        #expect(workload.queries.map(\.sql).last == "SELECT count(*) FROM trades WHERE day BETWEEN :from AND :to")
        #expect(workload.queries[0].parameters["id"] == .query("SELECT id FROM trades"))
        #expect(workload.queries[1].parameters["from"] == .range(1, 10))
        #expect(workload.queries[1].parameters["to"] == .values([.whole(10), .whole(20), .text("x")]))
        #expect(workload.queries.map(\.weight) == [1, 3])
        #expect(rollout.flag("fast-reads")?.draw.salt == "fast-reads")
        #expect(rollout.register.risks.map(\.id) == ["R1", "R2"])
        #expect(rollout.register.escalation.first?.to == .seconds(900))
    }

    @Test func readsPhasesAndTheirDefaults() throws {
        let rollout = try load().rollout
        let first = try #require(rollout.phase("first"))
        #expect(first.title == "first" && first.approvals == 0 && first.clock == GateClock())
        let second = try #require(rollout.phase("second"))
        #expect(second.needs == ["first"])
        #expect(second.clock.onTimeout == .rollback && second.clock.interval == .seconds(5))
        #expect(second.change?.versions == [2, 3] && second.change?.backup == .content)
        #expect(second.change?.deadline == .seconds(300))
        #expect(second.compensation?.versions == [4] && second.compensation?.backup == .restored)
        #expect(second.ramp?.steps.map(\.rawValue) == [50, 500, 10_000])
        #expect(second.mitigations.first?.sources == ["S-6", "S-7"])
    }

    @Test func readsCriteria() throws {
        let second = try #require(try load().rollout.phase("second"))
        #expect(second.criteria.map(\.role) == [.precondition, .guarding, .success])
        let guarding = second.criteria[1]
        #expect(guarding.confirm == 2 && guarding.minimumSamples == 100 && guarding.baselineOf == "first")
        #expect(guarding.probe.settings["percentile"] == .real(99.9))
        #expect(guarding.probe.settings["kind"] == nil)
        #expect(guarding.strength == .must)
        #expect(guarding.validFor == .seconds(60) && guarding.deadline == .seconds(60))
        let shared = second.criteria[2]
        #expect(shared.threshold == "quick" && shared.bounds.all.map(\.description) == ["> 100 ms", "> 50 ms"])
    }

    @Test func knowsWhereThingsStand() throws {
        let places = try load().places
        for path in [
            "targets/main", "workloads/hot-path", "thresholds/quick", "flags/fast-reads", "phases/first", "risks/R1",
            "phases/second/p95-regression", "phases/second/needs/first", "phases/second/change",
        ] {
            #expect(places[path] != nil, "\(path)")
        }
        #expect(places["targets/main"]?.description == "sample.yaml:7:3")
        #expect(places["phases/first"]?.description == "sample.yaml:28:11")
    }

    @Test func digestTextIgnoresLayout() throws {
        let plain = try load().digestText
        let commented = "# a comment\n" + Samples.good.replacing("title: A sample", with: "title:   'A sample'  # said")
        #expect(try Samples.loader().load(text: commented, named: "other.yaml").digestText == plain)
        let changed = Samples.good.replacing("> 100 ms", with: "> 101 ms")
        #expect(try Samples.loader().load(text: changed, named: "sample.yaml").digestText != plain)
    }

    @Test func strengthFollowsTheConditions() throws {
        func strength(_ conditions: String) throws -> Criterion.Strength? {
            let text = Samples.good.replacing("must: <= baseline", with: conditions)
            return try Samples.loader().load(text: text, named: "s.yaml").rollout.phase("first")?.criteria.last?
                .strength
        }
        #expect(try strength("must: < 5 ms") == .must)
        #expect(try strength("fail: '> 5 ms'") == .must)
        #expect(try strength("should: < 5 ms") == .should)
        #expect(try strength("warn: '> 5 ms'") == .should)
        #expect(try strength("warn: '> 5 ms', fail: '> 6 ms'") == .must)
    }
}

import PhasegateCore
import PhasegateHTTP
import PhasegateStatistics
import PhasegateTesting
import Synchronization
import Testing

@testable import PhasegateObservations

/// What a Prometheus would have of an application, at scrapes that the test makes.
struct Scrapes {
    private var samples: [[String: String]: [PrometheusAnswer.Sample]] = [:]
    var now = 1000.0

    /// A scrape of one target and arm: buckets up to 10 ms, up to 100 ms, and all; cumulative, as on the page.
    mutating func scrape(
        _ arm: String,
        _ buckets: [String: Double],
        errors: Double? = nil,
        users: Double? = nil,
        instance: String = "a"
    ) {
        let labels = ["arm": arm, "instance": instance, "job": "app"]
        for (edge, value) in buckets {
            add(value, to: labels.merging(["__name__": "seconds_bucket", "le": edge]) { $1 })
        }
        if let errors { add(errors, to: labels.merging(["__name__": "errors_total"]) { $1 }) }
        if let users { add(users, to: labels.merging(["__name__": "users_total"]) { $1 }) }
    }

    private mutating func add(_ value: Double, to labels: [String: String]) {
        samples[labels, default: []].append(PrometheusAnswer.Sample(at: now, value: value))
    }

    /// Later.
    mutating func pass(_ seconds: Double = 5) { now += seconds }

    /// What is in the window.
    var series: [PrometheusAnswer.Series] {
        samples.compactMap { labels, samples in
            let seen = samples.filter { $0.at > now - 16 }
            return seen.isEmpty ? nil : PrometheusAnswer.Series(labels: labels, samples: seen)
        }
    }
}

@Suite("Histograms are counted between scrapes")
struct HistogramFollowerTests {
    private var scrapes = Scrapes()
    private var follower: HistogramFollower

    init() { follower = Self.follower() }

    private static func follower(errors: String? = nil, users: String? = nil) -> HistogramFollower {
        HistogramFollower(
            HistogramFollower.Names(
                histogram: "seconds",
                errors: errors,
                users: users,
                label: "arm",
                arms: ["new": .candidate, "old": .control]
            ),
            patience: 15
        )
    }

    private func expect(_ counts: [CountedObservations], _ arm: Arm, _ buckets: [Int]) {
        #expect(counts.filter { $0.arm == arm }.map(\.latencies.counts) == (buckets.isEmpty ? [] : [buckets]))
    }

    @Test mutating func whatGrewIsCountedInEachBucket() throws {
        scrapes.scrape("old", ["0.01": 100, "0.1": 150, "+Inf": 160])
        #expect(try follower.take(scrapes.series).isEmpty)
        scrapes.pass()
        scrapes.scrape("old", ["0.01": 110, "0.1": 165, "+Inf": 176])
        let counts = try follower.take(scrapes.series)
        expect(counts, .control, [10, 5, 1])
        #expect(counts.first?.latencies.upperEdges.map { $0.rounded() } == [10_000, 100_000])
        #expect(counts.first?.errors == nil)
        // The same samples again are no observation.
        #expect(try follower.take(scrapes.series).isEmpty)
    }

    @Test mutating func aCounterThatFellHasBegunAnew() throws {
        scrapes.scrape("new", ["0.01": 100, "+Inf": 160])
        _ = try follower.take(scrapes.series)
        scrapes.pass()
        // Only one bucket lies below what it was.
        scrapes.scrape("new", ["0.01": 7, "+Inf": 200])
        expect(try follower.take(scrapes.series), .candidate, [7, 193])
    }

    @Test mutating func aNewArmOfAKnownTargetCountsFromItsBeginning() throws {
        scrapes.scrape("old", ["+Inf": 50])
        _ = try follower.take(scrapes.series)
        scrapes.pass()
        scrapes.scrape("old", ["+Inf": 60])
        scrapes.scrape("new", ["+Inf": 3])
        let counts = try follower.take(scrapes.series)
        expect(counts, .control, [10])
        expect(counts, .candidate, [3])
    }

    @Test mutating func whatANewTargetHasServedBeforeIsNotCounted() throws {
        scrapes.scrape("old", ["+Inf": 50])
        _ = try follower.take(scrapes.series)
        scrapes.pass()
        scrapes.scrape("old", ["+Inf": 60])
        scrapes.scrape("old", ["+Inf": 1_000_000], instance: "b")
        expect(try follower.take(scrapes.series), .control, [10])
        scrapes.pass()
        scrapes.scrape("old", ["+Inf": 61])
        scrapes.scrape("old", ["+Inf": 1_000_005], instance: "b")
        expect(try follower.take(scrapes.series), .control, [6])
    }

    @Test mutating func acrossAGapNothingIsCounted() throws {
        scrapes.scrape("old", ["+Inf": 50])
        _ = try follower.take(scrapes.series)
        scrapes.pass(100)
        scrapes.scrape("old", ["+Inf": 5000])
        #expect(try follower.take(scrapes.series).isEmpty)
        scrapes.pass()
        scrapes.scrape("old", ["+Inf": 5010])
        expect(try follower.take(scrapes.series), .control, [10])
    }

    @Test mutating func aHalfScrapeIsWaitedFor() throws {
        scrapes.scrape("old", ["0.1": 40, "+Inf": 50])
        _ = try follower.take(scrapes.series)
        scrapes.pass()
        scrapes.scrape("old", ["+Inf": 60])
        #expect(try follower.take(scrapes.series).isEmpty)
        scrapes.pass()
        scrapes.scrape("old", ["0.1": 55, "+Inf": 70])
        expect(try follower.take(scrapes.series), .control, [15, 5])
    }

    @Test mutating func bucketsThatContradictEachOtherAreLeftOut() throws {
        scrapes.scrape("old", ["0.1": 40, "+Inf": 50])
        _ = try follower.take(scrapes.series)
        scrapes.pass()
        scrapes.scrape("old", ["0.1": 65, "+Inf": 60])
        #expect(try follower.take(scrapes.series).isEmpty)
    }

    @Test mutating func instancesAreAddedUpAndOtherBucketsAreKeptApart() throws {
        for round in [0.0, 1] {
            scrapes.scrape("old", ["0.1": 40 + round, "+Inf": 50 + 2 * round])
            scrapes.scrape("old", ["0.1": 10 + 3 * round, "+Inf": 10 + 3 * round], instance: "b")
            scrapes.scrape("old", ["0.2": 7 * round, "+Inf": 7 * round], instance: "c")
            if round == 0 { _ = try follower.take(scrapes.series) }
            scrapes.pass()
        }
        let counts = try follower.take(scrapes.series).map(\.latencies.counts)
        #expect(Set(counts) == [[4, 1], [7, 0]])
    }

    @Test mutating func errorsAndUsersAreCountedBesideIt() throws {
        follower = Self.follower(errors: "errors_total", users: "users_total")
        scrapes.scrape("old", ["+Inf": 50], errors: 4, users: 20)
        scrapes.scrape("new", ["+Inf": 5])
        _ = try follower.take(scrapes.series)
        scrapes.pass()
        scrapes.scrape("old", ["+Inf": 60], errors: 5, users: 22)
        // Its first error.
        scrapes.scrape("new", ["+Inf": 7], errors: 1)
        let counts = try follower.take(scrapes.series)
        #expect(counts.first { $0.arm == .control }?.errors == 1)
        #expect(counts.first { $0.arm == .control }?.newUsers == 2)
        #expect(counts.first { $0.arm == .candidate }?.errors == 1)
        #expect(counts.first { $0.arm == .candidate }?.newUsers == 0)
    }

    @Test mutating func aMetricThatIsNotThereIsNoZero() throws {
        follower = Self.follower(errors: "errors_totl")
        scrapes.scrape("old", ["+Inf": 50], errors: 4)
        let samples = scrapes.series
        #expect(throws: ObservationError.self) { try follower.take(samples) }
    }

    @Test(arguments: [Double.nan, .infinity, -1, 1e18])
    mutating func whatIsNoCountIsRefused(value: Double) throws {
        scrapes.scrape("old", ["+Inf": value])
        let samples = scrapes.series
        #expect(throws: ObservationError.self) { try follower.take(samples) }
    }

    @Test mutating func aHistogramWithoutItsLastBucketIsRefused() throws {
        scrapes.scrape("old", ["0.1": 5])
        let samples = scrapes.series
        #expect(throws: ObservationError.self) { try follower.take(samples) }
    }
}

@Suite("Prometheus is asked, and what it does not know is a gap")
struct PrometheusSourceTests {
    /// Answers as it is told.
    final class Teller: HTTPClient {
        let requests = Mutex<[HTTPRequest]>([])
        let answer = Mutex<Result<HTTPAnswer, HTTPFailure>>(.failure(HTTPFailure("connection refused", canRetry: true)))

        func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPAnswer {
            requests.withLock { $0.append(request) }
            return try answer.withLock { $0 }.get()
        }

        func tell(_ status: Int, _ body: String) {
            answer.withLock { $0 = .success(HTTPAnswer(status: status, body: Array(body.utf8))) }
        }

        func tell(at seconds: Double, _ count: Int) {
            let series = ["control", "candidate"].map {
                #"{"metric":{"__name__":"seconds_bucket","arm":"\#($0)","le":"+Inf"},"values":[[\#(seconds),"\#(count)"]]}"#
            }
            tell(
                200,
                #"{"status":"success","data":{"resultType":"matrix","result":[\#(series.joined(separator: ","))]}}"#
            )
        }
    }

    private let settings: [String: Setting] = [
        "url": .text("http://127.0.0.1:9090/"), "histogram": .text("seconds"), "selector": .text(#"job="app""#),
        "every": .text("10 ms"), "scrape": .text("1 s"),
    ]

    @Test func anOutageIsAGapAndIsOverWhenItIsOver() async throws {
        let teller = Teller()
        let source = try PrometheusSource(.map(settings), in: try SourceBench().context, client: teller)
        await observing(source) { kept in
            #expect(await eventually { kept.gaps.last?.contains("connection refused") == true })
            teller.tell(503, "busy")
            #expect(await eventually { kept.gaps.last?.contains("answered 503") == true })
            teller.tell(422, #"{"status":"error","errorType":"bad_data","error":"parse error"}"#)
            #expect(await eventually { kept.gaps.last?.contains("parse error") == true })
            teller.tell(200, #"{"status":"success","data":{"resultType":"matrix","result":[]}}"#)
            #expect(await eventually { kept.gaps.last?.contains("no sample of 'seconds_bucket'") == true })
            teller.tell(at: 1000, 5)
            #expect(await eventually { kept.batches.last == .counts([]) })
            teller.tell(at: 1001, 7)
            #expect(await eventually { kept.batches.counts.map(\.latencies.counts) == [[2], [2]] })
        }
        let request = try #require(teller.requests.withLock { $0.first })
        #expect(request.address == "http://127.0.0.1:9090/api/v1/query")
        #expect(request.body.map { String(decoding: $0, as: UTF8.self) }?.contains("%5B4s%5D") == true)
    }

    @Test func whatIsNotScrapedAnyMoreIsAGap() async throws {
        let teller = Teller()
        teller.tell(at: 1000, 5)
        let source = try PrometheusSource(.map(settings), in: try SourceBench().context, client: teller)
        await observing(source) { kept in
            #expect(await eventually { kept.gaps.last?.contains("scraped nothing new for") == true })
        }
    }

    @Test(arguments: [
        ["url": Setting.text("127.0.0.1:9090")], ["histogram": .text("a-b")], ["every": .text("0 s")],
        ["arms": .map(["candidate": .text("x"), "control": .text("x")])], ["token": .text("hunter2")],
        ["url": .text("http://prometheus.example:9090"), "token": .text("env:TOKEN")],
    ])
    func settingsThatCannotBeAreRefused(_ change: [String: Setting]) throws {
        let context = try SourceBench().context
        _ = try PrometheusSource(.map(settings), in: context)
        #expect(throws: Diagnostic.self) {
            _ = try PrometheusSource(.map(settings.merging(change) { $1 }), in: context)
        }
    }
}

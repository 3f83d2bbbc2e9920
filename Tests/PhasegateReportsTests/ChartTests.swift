import Foundation
import PhasegateCore
import Testing

@testable import PhasegateReports

@Suite("Charts")
struct ChartTests {
    private func samples(_ values: [Double]) -> [RolloutReport.Sample] {
        values.samples(until: RolloutReport.at("2026-11-21T09:00:00Z"))
    }

    @Test("a long history keeps its extremes, however few spans it is drawn in")
    func spans() {
        var values = [Double](repeating: 10, count: 1_000)
        values[337] = 99
        values[801] = -5
        values[500] = .nan
        let spans = HistorySpan.spans(of: samples(values), atMost: 24)
        #expect(spans.count == 24)
        #expect(spans.map(\.high).max() == 99 && spans.map(\.low).min() == -5)
        #expect(spans.reduce(0) { $0 + $1.count } == 999)
        #expect(zip(spans, spans.dropFirst()).allSatisfy { $0.to < $1.from })
        #expect(HistorySpan.spans(of: samples([1, 2, 3]), atMost: 24).map(\.high) == [1, 2, 3])
    }

    @Test(
        "what lies beyond a limit is marked by shape: a triangle for a warning, a cross for a failure",
        arguments: [
            ([10.0, 20, 30], 0, 0), ([10, 60, 30], 1, 0), ([10, 60, 110], 1, 1), ([50, 100], 1, 0),
        ]
    )
    func breaches(_ values: [Double], _ triangles: Int, _ crosses: Int) {
        let limits: [RolloutReport.Limit] = [.warn(above: 50), .fail(above: 100)]
        let chart = Sparkline(HistorySpan.spans(of: samples(values), atMost: 24), limits: limits)
        let markup = chart.drawing(title: "", description: "").renderText
        #expect(markup.components(separatedBy: "Z").count - 1 == triangles)
        #expect(markup.components(separatedBy: "m0-5.6").count - 1 == crosses)
        // Both limits are lines of their own; the warning's is dashed.
        #expect(markup.components(separatedBy: "stroke-dasharray").count - 1 == 1)
    }

    @Test("below a floor is beyond it, too")
    func floor() {
        let span = HistorySpan.spans(of: samples([80]), atMost: 24)[0]
        #expect(span.breach(of: [.fail(below: 85)]) == .fail)
        #expect(span.breach(of: [.fail(below: 80)]) == nil)
    }

    /// Evidence of none that is shown, of 400 requests, with what may keep it from counting.
    private func evidence(blindness: String? = nil, exposed: Int = 20, control: Int = 0) -> SequentialEvidence {
        SequentialEvidence(
            failing: SequentialEvidence.Side(logEvidence: -1, threshold: 5.5, level: 0.004),
            passing: SequentialEvidence.Side(logEvidence: 6, threshold: 3, level: 0.05),
            blindness: blindness,
            assignment: SequentialEvidence.Assignment(
                candidate: exposed,
                control: 400 - exposed,
                plannedShare: 0.05,
                mismatch: SequentialEvidence.Side(logEvidence: exposed > 50 ? 40 : 0, threshold: 4.6, level: 0.01)
            ),
            unit: .request,
            candidate: 400,
            control: control
        )
    }

    @Test("evidence that does not count is not drawn like evidence that does")
    func evidenceThatDoesNotCount() {
        let shown = EvidenceMeter(evidence: evidence(control: 760))
        #expect(
            shown.words
                == "evidence of harm -1 of 5.5, of none 6 of 3, 400 requests with the change, 760 requests without"
        )
        let drawing = shown.drawing(title: "").renderText
        #expect(drawing.contains("no harm: shown") && drawing.contains("s-pass"))
        for doubtful in [evidence(blindness: "the control is gone"), evidence(exposed: 80)] {
            let meter = EvidenceMeter(evidence: doubtful)
            #expect(
                meter.words
                    == "does not count: evidence of harm -1 of 5.5, of none 6 of 3, 400 requests with the change"
            )
            let drawing = meter.drawing(title: "").renderText
            #expect(!drawing.contains("shown") && !drawing.contains("s-pass"))
        }
    }

    @Test("drawings survive numbers that cannot be drawn")
    func numbers() {
        let values = [Double.nan, .infinity, -.infinity, 1e308, -1e308, 0]
        let spans = HistorySpan.spans(of: samples(values), atMost: 24)
        let limits: [RolloutReport.Limit] = [.fail(above: .nan), .warn(above: .infinity), .fail(above: 1e308)]
        let curve = RolloutReport.LatencyCurve(
            name: "",
            phase: "p",
            unit: "",
            baseline: values.map { Measurement.Quantile(percent: $0, value: $0) },
            now: values.map { Measurement.Quantile(percent: 100, value: $0) },
            limits: limits,
            percentile: .nan
        )
        for drawing in [
            Sparkline(spans, limits: limits).drawing(title: "", description: ""),
            LatencyChart(curve: curve).drawing(title: "", description: ""),
        ] {
            #expect(!drawing.renderText.contains("nan") && !drawing.renderText.contains("inf"))
        }
    }

    @Test("a percentile that is no number is in no table")
    func percentiles() {
        func quantiles(_ percents: [Double]) -> [PhasegateCore.Measurement.Quantile] {
            percents.map { Measurement.Quantile(percent: $0, value: 1) }
        }
        let curve = RolloutReport.LatencyCurve(
            name: "",
            phase: "p",
            unit: "ms",
            baseline: quantiles([99, .nan, 50, .infinity]),
            now: quantiles([.nan, 95, -.infinity, 50]),
            limits: [],
            percentile: nil
        )
        let report = RolloutReport.sample.with(latencies: [curve])
        #expect(LatencySection(report).charts.first?.rows.map(\.percentile.renderText) == ["p50", "p95", "p99"])
    }

    @Test("latency is on a logarithmic scale from a factor of twenty on")
    func logarithmic() {
        #expect(RolloutReport.LatencyCurve.samples.map { LatencyChart(curve: $0).isLogarithmic } == [false, true])
        let scale = ChartScale(over: [1, 10_000], from: 0, to: 100, logarithmicFrom: 20)
        #expect(scale.place(1) == 0 && scale.place(10_000) == 100 && abs(scale.place(100) - 50) < 1e-9)
        #expect(!ChartScale(over: [0, 10_000], from: 0, to: 1, logarithmicFrom: 20).isLogarithmic)
    }

    @Test("ticks are round numbers within the axis")
    func ticks() {
        #expect(ChartScale(over: [0, 97], from: 0, to: 1).ticks == [0, 50])
        #expect(ChartScale(over: [3, 11], from: 0, to: 1).ticks == [4, 6, 8, 10])
        #expect(ChartScale(over: [5, 5], from: 0, to: 1).ticks == [4, 6])
        #expect(ChartScale(over: [1, 1_000], from: 0, to: 1, logarithmicFrom: 20).ticks.contains(100))
    }

    @Test(
        "a window is read as the days it covers",
        arguments: [
            ("week 3", "week 4", 14.0, 28.0), ("day 1", "day 1", 0, 1), ("Month 2", "month 2", 30, 60),
            ("week 1", "month 2", 0, 60), ("2026-11-02", "2026-11-03", 20_759, 20_761),
        ]
    )
    func windows(_ from: String, _ to: String, _ first: Double, _ last: Double) throws {
        let span = try #require(PlannedSpan(Window(from: from, to: to)))
        #expect(span.from == first && span.to == last)
    }

    @Test(
        "words that name no time are not drawn",
        arguments: [
            ("soon", "later"), ("week 4", "week 3"), ("week 0", "week 1"), ("week 1", "2026-11-02"),
            ("week -1", "week 2"), ("week 99999999999999999999", "week 1"), ("", ""),
        ]
    )
    func noWindow(_ from: String, _ to: String) {
        #expect(PlannedSpan(Window(from: from, to: to)) == nil)
    }

    @Test(
        "a plan's axis counts in whole units, wherever its first window begins",
        arguments: [
            ("week 3", "week 40", ["month 1", "month 3", "month 5"]), ("week 3", "week 6", ["week 3", "week 4"]),
            ("day 3", "month 2", ["week 1", "week 3"]), ("day 9", "day 12", ["day 9", "day 10"]),
            ("2026-11-02T18:00:00Z", "2026-11-04", ["2026-11-02", "2026-11-03"]),
        ]
    )
    func planTicks(_ from: String, _ to: String, _ labels: [String]) {
        let phase = RolloutReport.PhaseReport.queryOptimisation.with(title: "x", window: Window(from: from, to: to))
        let timeline = PhaseTimeline(phases: [phase], openedAt: nil, now: RolloutReport.sample.generatedAt)
        let markup = timeline.planned(title: "", description: "").renderText
        let texts = markup.matches(of: /<text[^>]*>([^<]*)<\/text>/).map { String($0.1) }
        #expect(Array(texts.prefix(labels.count)) == labels)
        #expect(texts.allSatisfy { !$0.contains(".") })
    }

    @Test("phases that just follow each other need no graph, others are drawn in layers")
    func graph() {
        #expect(DependencyGraph(RolloutReport.sample.phases).isLine)
        #expect(DependencyGraph(RolloutReport.sample.phases).drawing(title: "", description: "").isNull)
        let graph = DependencyGraph(RolloutReport.branching.phases)
        #expect(!graph.isLine)
        #expect(graph.nodes.map(\.layer) == [0, 1, 1, 2])
        #expect(graph.nodes.map(\.line) == [0, 0, 1, 0])
        let markup = graph.drawing(title: "", description: "").renderText
        #expect(markup.components(separatedBy: "<rect").count - 1 == 4)
        // An arrow for each of the four needs: a line and a head.
        #expect(markup.components(separatedBy: "<path").count - 1 == 8)
    }

    @Test("a plan that goes in circles is still drawn")
    func circle() {
        let phases = RolloutReport.sample.phases
        let graph = DependencyGraph([phases[0].with(needs: [phases[1].name]), phases[1].with(needs: [phases[0].name])])
        #expect(!graph.isLine && !graph.drawing(title: "", description: "").isNull)
    }

    @Test(
        "decisions are read off the log by what they do",
        arguments: [
            ("go \u{2192} advance: all hold", DecisionMark.Kind?.some(.proceed)), ("hold \u{2192} wait: not yet", nil),
            ("hold \u{2192} hold: a person is needed", .hold), ("recycle \u{2192} rollback: p95", .back),
            ("kill \u{2192} freeze: no way back", .hold), ("compensate: forward", .back), ("", nil),
        ]
    )
    func decisions(_ sentence: String, _ kind: DecisionMark.Kind?) {
        func line(_ word: String) -> RolloutReport.LogLine {
            RolloutReport.LogLine(
                sequence: 1,
                at: RolloutReport.at("2026-11-21T09:00:00Z"),
                actor: "",
                phase: nil,
                stage: nil,
                kind: word,
                sentence: sentence,
                repeats: 1
            )
        }
        #expect(DecisionMark(line("decided"))?.kind == kind)
        #expect(DecisionMark(line("approved")) == nil)
    }

    @Test("a hold is hatched, a rollback is a mark of its own")
    func timeline() {
        let timeline = PhaseTimeline(
            phases: RolloutReport.sample.phases,
            openedAt: RolloutReport.sample.openedAt,
            now: RolloutReport.sample.generatedAt
        )
        let actual = timeline.actual(title: "", description: "").renderText
        #expect(actual.contains("class=\"s-unknown\"") && actual.contains("class=\"f-fail\""))
        #expect(actual.components(separatedBy: "not entered yet").count - 1 == 2)
        #expect(timeline.planned(title: "", description: "").renderText.contains("week 8"))
        let nothing = PhaseTimeline(phases: [], openedAt: nil, now: RolloutReport.sample.generatedAt)
        #expect(nothing.planned(title: "", description: "").isNull && nothing.actual(title: "", description: "").isNull)
    }

    @Test("each verdict has a shape of its own, with and without colour")
    func verdictShapes() throws {
        /// The mark without its colours: what somebody sees who sees none.
        func shape(_ outcome: GateOutcome, isLeft: Bool) -> String {
            var canvas = SVGCanvas(width: 20, height: 20)
            VerdictMark(outcome: outcome, isLeft: isLeft).draw(at: (10, 10), onto: &canvas)
            let drawing = canvas.drawing(title: "", description: "", className: "").renderText
            return drawing.replacing(#/ (class|stroke|fill)="[^"]*"/#, with: "")
        }
        #expect(Set(GateOutcome.allCases.map { shape($0, isLeft: true) }).count == GateOutcome.allCases.count)
        let page = String(
            decoding: try #require(try HTMLReport().render(RolloutReport.sample).first).bytes(),
            as: UTF8.self
        )
        for outcome in GateOutcome.allCases {
            #expect(page.contains("<symbol id=\"\(VerdictMark.symbol(of: outcome))\""))
            let word = Badge(outcome).word.renderText
            #expect(page.contains("<use href=\"#\(VerdictMark.symbol(of: outcome))\"/></svg>\(word)<"))
        }
        // In words, too.
        #expect(TimelineSection(.sample).actualDrawing.renderText.contains("gate-at-25% hold"))
    }

    @Test("a raised risk has a ring and is named in the description")
    func raisedRisks() throws {
        let ring = "r=\"9\""
        let raised = RiskAppraisal.samples.filter { !$0.raisedBy.isEmpty }
        let others = RiskAppraisal.samples.filter(\.raisedBy.isEmpty)
        let map = RiskMap(.sample, raised).drawing(title: "", description: "").renderText
        #expect(map.components(separatedBy: ring).count - 1 == RiskMap(.sample, raised).moving.count)
        #expect(!RiskMap(.sample, others).drawing(title: "", description: "").renderText.contains(ring))
        let section = RiskSection(.sample, for: .lead)
        let first = try #require(RiskMap(.sample, raised).moving.first)
        #expect(section.map.renderText.contains("\(first.waySentence), raised by"))
        #expect(section.map.renderText.contains("not raised"))
    }

    @Test("only risks that move are on the map, and one nobody measured is hollow")
    func riskMap() {
        let map = RiskMap(.sample, RiskAppraisal.samples)
        #expect(map.moving.map(\.id) == ["R001", "R002", "R003", "R004"])
        let hollow = "stroke-dasharray=\"2.5 2\""
        #expect(map.drawing(title: "", description: "").renderText.components(separatedBy: hollow).count - 1 == 1)
        let measured = RiskMap(.sample, RiskAppraisal.samples.filter(\.isMeasured))
        #expect(!measured.drawing(title: "", description: "").renderText.contains(hollow))
    }

    @Test("words in drawings are escaped, whatever they say", arguments: poisons)
    func escaped(_ poison: String) {
        var canvas = SVGCanvas(width: 1, height: 1)
        canvas.text(poison, at: (0, 0))
        let tags = MarkupScanner(canvas.drawing(title: poison, description: poison, className: "x").renderText).tags
        #expect(tags.map(\.name) == ["svg", "title", "/title", "desc", "/desc", "text", "/text", "/svg"])
    }

    @Test("hatching stays inside its rectangle")
    func hatched() {
        let numbers = hatching(x: 10, y: 20, width: 30, height: 8).split { "ML ".contains($0) }.compactMap {
            Double($0)
        }
        #expect(numbers.count >= 4)
        for index in stride(from: 0, to: numbers.count, by: 2) {
            #expect((10...40).contains(numbers[index]) && (20...28).contains(numbers[index + 1]))
        }
    }
}

import Foundation
import Testing

@testable import PhasegateStatistics

@Suite("latency histogram")
struct LatencyHistogramTests {
    private let edges = LatencyEdges.microseconds

    @Test func edgesAreAPerCentApartFromAMicrosecondToFiveHundredSeconds() throws {
        #expect(edges.first == 1)
        #expect(try #require(edges.last) >= 500e6 && edges[edges.count - 2] < 500e6)
        for (edge, next) in zip(edges, edges.dropFirst()) { #expect(isClose(next / edge, pow(1.2, 1.0 / 19))) }
    }

    @Test func everyEdgeBelongsToTheBucketAboveIt() {
        for (index, edge) in edges.enumerated() {
            #expect(LatencyEdges.bucket(of: edge) == index + 1)
            #expect(LatencyEdges.bucket(of: edge.nextDown) == index)
        }
    }

    @Test func countsAtOrAboveAnEdgeExactly() {
        var generator = SeededGenerator(seed: 11)
        let sample = (0..<5000).map { _ in exp(20.5 * generator.unit() - 0.3) } + [0, 0.5, 1, 499e6, 600e6, 1e300]
        var histogram = LatencyHistogram()
        for value in sample { histogram.record(microseconds: value) }
        #expect(histogram.count == sample.count)
        for index in stride(from: 0, to: edges.count, by: 7) {
            #expect(histogram.countAtOrAbove(edge: index) == sample.count { $0 >= edges[index] })
        }
        #expect(histogram.countAtOrAbove(edge: edges.count) == 0)
        #expect(histogram.buckets[0] == sample.count { $0 < 1 })
    }

    @Test(arguments: [Double.nan, .signalingNaN, -1, -.infinity, .infinity, -Double.leastNonzeroMagnitude])
    func countsWhatIsNoLatencyApart(value: Double) {
        var histogram = LatencyHistogram()
        histogram.record(microseconds: value)
        #expect(histogram.invalid == 1 && histogram.count == 0)
        #expect(histogram.buckets.allSatisfy { $0 == 0 })
    }

    @Test(arguments: [0, -0.0, Double.leastNonzeroMagnitude, 0.99])
    func countsWhatIsFasterThanItCanTellAsALatency(value: Double) {
        var histogram = LatencyHistogram()
        histogram.record(microseconds: value)
        #expect(histogram.invalid == 0 && histogram.count == 1 && histogram.buckets[0] == 1)
    }

    @Test func tellsAQuantileToTheNextEdge() throws {
        var histogram = LatencyHistogram()
        #expect(histogram.quantile(0.95) == nil)
        for value in 1...100 { histogram.record(microseconds: Double(value) * 1000) }
        let percentile = try #require(histogram.quantile(0.95))
        #expect(percentile > 95_000 && percentile <= 95_000 * 1.0097)
        for share in [0, 1, -1, Double.nan, .infinity] { #expect(histogram.quantile(share) == nil) }
        for _ in 0..<100 { histogram.record(microseconds: 1e12) }
        #expect(histogram.quantile(0.95) == .infinity)
    }

    @Test func addsAndClears() {
        var first = LatencyHistogram()
        var second = LatencyHistogram()
        for value in [10.0, 20, 3e6] { first.record(microseconds: value) }
        for value in [20.0, .nan] { second.record(microseconds: value) }
        first.add(second)
        #expect(first.count == 4 && first.invalid == 1)
        #expect(first.buckets[LatencyEdges.bucket(of: 20)] == 2)
        first.clear()
        #expect(first == LatencyHistogram())
    }

    @Test func survivesBeingStored() throws {
        var histogram = LatencyHistogram()
        for value in [0, 1, 123.4, 9e6, 1e12, .nan] { histogram.record(microseconds: value) }
        let stored = try JSONEncoder().encode(histogram)
        #expect(stored.count < 200, "empty buckets are not stored")
        #expect(try JSONDecoder().decode(LatencyHistogram.self, from: stored) == histogram)
    }

    @Test(arguments: [
        #"{"invalid":0,"buckets":[1],"counts":[]}"#, #"{"invalid":0,"buckets":[5,5],"counts":[1,1]}"#,
        #"{"invalid":0,"buckets":[-1],"counts":[1]}"#, #"{"invalid":0,"buckets":[99999],"counts":[1]}"#,
        #"{"invalid":0,"buckets":[1],"counts":[-1]}"#, #"{"invalid":-1,"buckets":[],"counts":[]}"#,
        #"{"invalid":0,"buckets":[1,2],"counts":[4503599627370496,4503599627370496]}"#,
    ])
    func refusesStoredNonsense(text: String) {
        #expect(throws: StatisticsError.self) {
            try JSONDecoder().decode(LatencyHistogram.self, from: Data(text.utf8))
        }
    }

    @Test func findsEdgesThatAreEqualButForRounding() {
        let edges = [1.0, 2, 3]
        #expect(firstEdge(atOrAbove: 2 * (1 + 1e-13), in: edges) == 1)
        #expect(firstEdge(atOrAbove: 2 * (1 + 1e-11), in: edges) == 2)
        #expect(lastEdge(atOrBelow: 2 * (1 - 1e-13), in: edges) == 1)
        #expect(lastEdge(atOrBelow: 2 * (1 - 1e-11), in: edges) == 0)
        #expect(firstEdge(atOrAbove: 4, in: edges) == 3 && lastEdge(atOrBelow: 0.5, in: edges) == -1)
    }
}

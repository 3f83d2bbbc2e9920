import Foundation
import PhasegateStatistics

/// What the latencies of a simulated service are like.
enum Shape {
    /// Median 20 ms, sigma 0.6.
    case lognormal
    /// From 10 ms, with an index of 1.1: the mean exists, the variance does not.
    case pareto
}

/// One simulated step of a ramp: 1000 requests a second, a look every 200 ms, each request drawn into its arm.
struct Scenario {
    let name: String
    /// The candidate's share of the requests.
    let share: Double
    /// How many times as slow the candidate is as the control.
    var ratio = 1.0
    var shape = Shape.lognormal
    /// Whether both arms are slowed down together now and then.
    var hasStorms = false
    var looks = 500

    static let requestsPerLook = 200
    static let looksPerSecond = 5
}

/// Draws the looks of a scenario, the same ones for the same seed.
struct Traffic {
    private let scenario: Scenario
    private var generator: SeededGenerator
    private var spare: Double?
    private var storm = 1.0
    private var stormLooksLeft = 0

    init(_ scenario: Scenario, seed: UInt64) {
        self.scenario = scenario
        generator = SeededGenerator(seed: seed)
    }

    mutating func draw(into look: inout LatencyLook) {
        look.clear()
        if scenario.hasStorms { moveStorm() }
        for _ in 0..<Scenario.requestsPerLook {
            let latency = storm * draw()
            if generator.unit() < scenario.share {
                look.candidate.record(microseconds: latency * scenario.ratio)
            } else {
                look.control.record(microseconds: latency)
            }
        }
    }

    /// A look before the step, when all requests are the control's.
    mutating func drawControlAlone(into look: inout LatencyLook) {
        look.clear()
        for _ in 0..<Scenario.requestsPerLook { look.control.record(microseconds: draw()) }
    }

    /// A storm begins once in ten seconds, lasts one to five, and slows everything down three to ten times.
    private mutating func moveStorm() {
        if stormLooksLeft > 0 {
            stormLooksLeft -= 1
        } else if generator.unit() < 0.02 {
            stormLooksLeft = 5 + generator.below(20)
            storm = 3 + 7 * generator.unit()
        } else {
            storm = 1
        }
    }

    /// One latency in microseconds, as if nothing had happened to it.
    mutating func draw() -> Double {
        switch scenario.shape {
        case .lognormal: 20_000 * exp(0.6 * normal())
        case .pareto: 10_000 * pow(1 - generator.unit(), -1 / 1.1)
        }
    }

    /// Marsaglia's two at a time.
    private mutating func normal() -> Double {
        if let spare {
            self.spare = nil
            return spare
        }
        while true {
            let first = 2 * generator.unit() - 1
            let second = 2 * generator.unit() - 1
            let square = first * first + second * second
            guard square > 0, square < 1 else { continue }
            let factor = (-2 * log(square) / square).squareRoot()
            spare = second * factor
            return first * factor
        }
    }
}

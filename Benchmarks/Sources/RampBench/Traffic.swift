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
    /// The latencies of the present look, for the baselines that want them raw.
    private(set) var candidate: [Double] = []
    private(set) var control: [Double] = []

    init(_ scenario: Scenario, seed: UInt64) {
        self.scenario = scenario
        generator = SeededGenerator(seed: seed)
    }

    mutating func draw(into look: inout LatencyLook) {
        look.clear()
        candidate.removeAll(keepingCapacity: true)
        control.removeAll(keepingCapacity: true)
        if scenario.hasStorms { moveStorm() }
        for _ in 0..<Scenario.requestsPerLook {
            let latency = storm * draw()
            if generator.unit() < scenario.share {
                candidate.append(latency * scenario.ratio)
                look.candidate.record(microseconds: latency * scenario.ratio)
            } else {
                control.append(latency)
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

    private mutating func draw() -> Double {
        switch scenario.shape {
        case .lognormal: 20_000 * exp(0.6 * normal())
        case .pareto: 10_000 * pow(1 - generator.unit(), -1 / 1.1)
        }
    }

    /// Box and Muller's two at a time.
    private mutating func normal() -> Double {
        if let spare {
            self.spare = nil
            return spare
        }
        let radius = (-2 * log(1 - generator.unit())).squareRoot()
        let angle = 2 * Double.pi * generator.unit()
        spare = radius * sin(angle)
        return radius * cos(angle)
    }
}

import Foundation
import Testing

@testable import PhasegateStatistics

/// Expected values by mpmath with 50 digits, rounded to 16.
@Suite("logarithm, exponential and log-gamma")
struct ElementaryTests {
    @Test(arguments: [
        (1e-300, -690.7755278982137), (0.3, -1.203972804325936), (1.5, 0.4054651081081644), (7, 1.945910149055313),
        (12345.678, 9.421061321291832), (3e9, 21.82187812561452), (1, 0), (.leastNonzeroMagnitude, -744.4400719213812),
    ])
    func logarithmsAreExactToTheLastDigits(number: Double, expected: Double) {
        #expect(isClose(logarithm(number), expected, within: 4e-16))
    }

    @Test(arguments: [
        (-700.25, 7.678723813110872e-305), (-0.001, 0.999000499833375), (0.05, 1.051271096376024),
        (4, 54.59815003314424), (1e-17, 1), (700, 1.014232054735005e304),
    ])
    func exponentialsAreExactToTheLastDigits(power: Double, expected: Double) {
        #expect(abs(exponential(power) / expected - 1) < 1e-15)
    }

    @Test(arguments: [
        (0.3, 1.095797994818076), (1.5, -0.1207822376352452), (7, 6.579251212010101), (12345.678, 103959.9199055461),
        (3e9, 62465634366.85156),
    ])
    func logarithmsOfGammaAreExact(number: Double, expected: Double) {
        #expect(isClose(logarithmOfGamma(number), expected, within: 1e-14))
    }

    @Test func agreesWithTheLibraryEverywhere() {
        var generator = SeededGenerator(seed: 4)
        for _ in 0..<20_000 {
            let power = 1400 * generator.unit() - 700
            #expect(abs(exponential(power) / exp(power) - 1) < 1e-15)
            let number = exp(power)
            #expect(abs(logarithm(number) - log(number)) <= 3e-16 * max(1, abs(log(number))))
            let small = (generator.unit() - 0.5) * exp(-40 * generator.unit())
            #expect(abs(logarithmOfOnePlus(small) - log1p(small)) <= 1e-15 * abs(log1p(small)))
        }
    }

    @Test func extremesAreWhatTheyShouldBe() {
        #expect(logarithm(0) == -.infinity)
        #expect(logarithm(.infinity) == .infinity)
        #expect(logarithm(-1).isNaN && logarithm(.nan).isNaN && exponential(.nan).isNaN)
        #expect(exponential(-.infinity) == 0 && exponential(-800) == 0)
        #expect(exponential(.infinity) == .infinity && exponential(710) == .infinity)
        #expect(logarithmOfSum(-.infinity, -.infinity) == -.infinity)
        #expect(logarithmOfSum(2, -.infinity) == 2)
        #expect(isClose(logarithmOfSum(5000, 5000), 5000 + log(2)))
        #expect(logarithmOfGamma(0).isNaN && logarithmOfGamma(.nan).isNaN)
    }
}

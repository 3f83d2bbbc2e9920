import PhasegateCore
import Testing

@Suite("Quantities and their units")
struct QuantityTests {
    @Test(
        "units of one dimension convert before they are compared",
        arguments: [
            ("50 ms", "50 ms", 0), ("1 s", "1000 ms", 0), ("999 ms", "1 s", -1), ("1001 ms", "1 s", 1),
            ("1 min", "60 s", 0), ("2 h", "119 min", 1), ("1 d", "24 h", 0), ("1 us", "1000 ns", 0),
            ("1 kB", "1000 B", 0), ("1 KiB", "1024 B", 0), ("1 MB", "1 MiB", -1), ("1 GB", "1000 MB", 0),
            ("1 GiB", "1 GB", 1), ("10/s", "600/min", 0), ("10/s", "601/min", -1), ("5", "5 rows", 0),
            ("0.5 s", "500 ms", 0), ("-1", "0", -1), ("1_000 rows", "1000 rows", 0), ("2.5 %", "2 %", 1),
        ]
    )
    func compares(left: String, right: String, order: Int) throws {
        let one = try #require(Quantity(left))
        let other = try #require(Quantity(right))
        #expect(one.compared(with: other)?.signum() == order)
        #expect(other.compared(with: one)?.signum() == -order)
    }

    @Test(
        "what has no common dimension cannot be compared",
        arguments: [("1 ms", "1 MB"), ("1 %", "1"), ("1 x", "1 %"), ("1/s", "1 s"), ("1 rows", "1 ms"), ("0", "0 %")]
    )
    func refusesToCompare(left: String, right: String) throws {
        let one = try #require(Quantity(left))
        let other = try #require(Quantity(right))
        #expect(one.compared(with: other) == nil)
        #expect(other.compared(with: one) == nil)
    }

    @Test("every pair of units compares exactly when the dimensions agree")
    func everyPair() {
        for left in Unit.allCases {
            for right in Unit.allCases {
                let order = Quantity(1, left).compared(with: Quantity(1, right))
                #expect((order != nil) == (left.dimension == right.dimension), "\(left) against \(right)")
            }
        }
    }

    @Test("a word equals itself only and meets no number")
    func words() {
        let verified = Quantity(word: "verified")
        #expect(verified.compared(with: Quantity(word: "verified")) == 0)
        #expect(verified.compared(with: Quantity(word: "refused")) != 0)
        #expect(verified.compared(with: Quantity(1)) == nil)
        #expect(Quantity(1).compared(with: Quantity(word: "1")) == nil)
    }

    @Test("what is no number cannot become a quantity", arguments: [Double.nan, .signalingNaN, .infinity, -.infinity])
    func noNumber(number: Double) {
        #expect(Quantity(real: number) == nil)
        #expect(Quantity(real: 1)?.scaled(by: number) == nil)
    }

    @Test("an overflow by scaling is no quantity either")
    func overflow() {
        #expect(Quantity(real: .greatestFiniteMagnitude)?.scaled(by: 2) == nil)
        #expect(Quantity(word: "verified").scaled(by: 2) == nil)
    }

    @Test(
        "texts that are no quantity are refused",
        arguments: ["", " ", "ms", "5 parsecs", "nan", "inf", "1e400 ms", "--1", "1.2.3", "5 ms ms", "_", "٣", "1 MS"]
    )
    func refusesToRead(text: String) {
        #expect(Quantity(text) == nil)
    }

    @Test("large whole numbers are compared exactly, not as floating point")
    func exactWholes() {
        let large = Int64(1) << 53
        #expect(Quantity(large + 1, .rows).compared(with: Quantity(large, .rows)) == 1)
        #expect(Quantity(large + 1).compared(with: Quantity(large, .rows)) == 1)
    }

    @Test(
        "numbers are written short",
        arguments: [
            (0.0, "0"), (-0.0, "0"), (1.0, "1"), (47.25, "47.25"), (0.1 + 0.2, "0.3"), (-1.5, "-1.5"),
            (1234.5678, "1234.57"),
            (0.000_25, "0.00025"), (99.9996, "100"), (-0.25, "-0.25"), (1e14, "100000000000000"),
            (12_345.678, "12345.7"),
        ]
    )
    func short(number: Double, text: String) {
        #expect(shortDecimal(number) == text)
    }

    @Test("a quantity is written as it can be read again")
    func roundTrip() throws {
        for unit in Unit.allCases {
            let quantity = Quantity(1200, unit)
            #expect(Quantity(quantity.description) == quantity, "\(quantity)")
        }
        #expect(Quantity(word: "verified").description == "verified")
    }
}

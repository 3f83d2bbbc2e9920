import PhasegateHashing
import Testing

@Suite("hash of a set of rows")
struct RowSetHashTests {
    private func hash(_ rows: [[UInt8]]) -> String {
        var hash = RowSetHash()
        for row in rows { row.withUnsafeBytes { hash.add($0) } }
        return hash.text
    }

    /// MurmurHash3 x64 128 of 0, 1, 2… with as many bytes, from an implementation in another language
    /// that agrees with the published value for the fox; the lengths leave every kind of tail.
    @Test(arguments: [
        (0, "00000000000000000000000000000000"), (1, "51622daa78f835834610abe56eff5cb5"),
        (2, "f03c01326ec2e0447cb3f5c58dab264c"), (7, "613addd4bd25c787bd4c6987ca4b0d68"),
        (8, "60e6ee02ec31dcc747a7e1bdd68e2fc8"), (9, "78de751d0200ffb9fbb4cb0f6e812d32"),
        (15, "cd846dee88c67de947231598fd4925e9"), (16, "ab906456762fe845444924b591903f30"),
        (17, "c15f026b9edaa8245c76f40f9fe7c20e"), (23, "26451c93b42a4941b9a1376f153581db"),
        (24, "94707eabbbfb9e52734e846275b2dfde"), (25, "a2d35433beef9ffc3bbe7cb52ee982cb"),
        (31, "9ee59aefb4005490053dd3e1a32cd094"), (32, "1c050a6e34c31151c66d9022b62f500f"),
        (33, "55ac8073a7d6a30b7d41281bfaba4612"), (100, "0fbd6d93c8340799b06f9999c14051ca"),
        (255, "85fb67610eedda8303b09a824269589d"),
    ])
    func oneRowHasTheHashOfItsBytes(count: Int, expected: String) {
        #expect(hash([(0..<count).map { UInt8($0) }]) == "1:\(expected)")
    }

    @Test func theFoxHasItsPublishedHash() {
        let fox = Array("The quick brown fox jumps over the lazy dog".utf8)
        #expect(hash([fox]) == "1:7a433ca9c49a9347e34bbc7bbc071b6c")
    }

    @Test(arguments: 0..<20)
    func theOrderDoesNotMatterAndEveryRowDoes(seed: UInt64) {
        var generator = StepGenerator(state: seed)
        let rows = (0..<200).map { _ in
            (0..<Int.random(in: 0..<60, using: &generator)).map { _ in UInt8.random(in: 0...3, using: &generator) }
        }
        let whole = hash(rows)
        #expect(hash(rows.shuffled(using: &generator)) == whole)
        let place = Int.random(in: 0..<rows.count, using: &generator)
        var changed = rows
        changed[place].append(0)
        #expect(hash(changed) != whole)
        var fewer = rows
        fewer.remove(at: place)
        #expect(hash(fewer) != whole)
        #expect(hash(rows + [rows[place]]) != whole)
    }

    /// The sum modulo 2^128 of three of the hashes above, with a carry from the lower half to the upper.
    @Test func theHashOfASetIsTheSum() {
        #expect(hash([100, 2, 1].map { (0..<$0).map { UInt8($0) } }) == "3:515b9c70afef1d6173343b44bdead4cb")
    }

    @Test func equalRowsDoNotCancelOut() {
        let row: [UInt8] = [1, 2, 3]
        let hashes = (0...4).map { hash(Array(repeating: row, count: $0)) }
        // By the sums alone, without the counts before them.
        #expect(Set(hashes.map { $0.split(separator: ":")[1] }).count == 5)
    }

    /// Encoded one after the other, values must not run into each other, and a row may be longer than the first buffer.
    @Test func encodingKeepsTypesAndBordersApart() {
        func row(_ fill: (inout RowEncoder) -> Void) -> [UInt8] {
            var encoder = RowEncoder()
            encoder.addNull()
            encoder.reset()
            fill(&encoder)
            return encoder.withBytes { Array($0) }
        }
        func text(_ text: String, _ encoder: inout RowEncoder) {
            Array(text.utf8).withUnsafeBytes { encoder.add(text: $0) }
        }
        func blob(_ bytes: [UInt8], _ encoder: inout RowEncoder) { bytes.withUnsafeBytes { encoder.add(blob: $0) } }
        let rows: [[UInt8]] = [
            row { _ in }, row { $0.addNull() }, row { $0.add(Int64(0)) }, row { $0.add(0.0) }, row { $0.add(-0.0) },
            row { text("", &$0) }, row { blob([], &$0) },
            row {
                text("ab", &$0); text("c", &$0)
            },
            row {
                text("a", &$0); text("bc", &$0)
            }, row { text("abc", &$0) },
            row {
                $0.addNull(); $0.addNull()
            },
        ]
        #expect(Set(rows).count == rows.count)
        let long = String(repeating: "x", count: 50_000)
        #expect(
            row {
                text(long, &$0); $0.add(Int64(7))
            }.suffix(9) == [1, 7, 0, 0, 0, 0, 0, 0, 0]
        )
        #expect(row { text(long, &$0) }.count == 50_009)
    }
}

/// Numbers that are the same in every run.
private struct StepGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 29)
    }
}

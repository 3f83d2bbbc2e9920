import Foundation

/// One line of the table: two figures taken side by side in one run, and what their ratio may be.
struct Figure: Codable {
    let name: String
    let ours: Double
    let theirs: Double
    let unit: String
    /// How many times as much ours is as theirs.
    let ratio: Double
    let bound: Double?
    var isMissed: Bool { bound.map { ratio > $0 || !ratio.isFinite } ?? false }
}

/// Collects figures, prints them, and knows whether one missed its bound.
final class Scoreboard {
    private let bounds: [String: Double]
    private(set) var figures: [Figure] = []

    /// Reads the bounds; a bound that no figure asks for is an error at the end.
    init(thresholds path: String) throws {
        bounds = try JSONDecoder().decode([String: Double].self, from: Data(contentsOf: URL(filePath: path)))
    }

    /// Enters a figure, with the bound of its name if there is one.
    func enter(_ name: String, ours: Double, theirs: Double, unit: String) {
        let figure = Figure(
            name: name,
            ours: ours,
            theirs: theirs,
            unit: unit,
            ratio: ours / theirs,
            bound: bounds[name]
        )
        figures.append(figure)
        say(Self.line(figure))
    }

    /// Prints the table, writes it as JSON, and says whether all is well.
    func close(writing path: String, complete: Bool) throws -> Bool {
        say("\n| figure | ours | theirs | unit | ratio | at most | |\n|---|---|---|---|---|---|---|")
        for figure in figures { say(Self.line(figure)) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try encoder.encode(figures).write(to: URL(filePath: path))
        let unmeasured = complete ? Set(bounds.keys).subtracting(figures.map(\.name)) : []
        for name in unmeasured.sorted() { say("NOT MEASURED: \(name)") }
        return unmeasured.isEmpty && !figures.contains(where: \.isMissed)
    }

    private static func line(_ figure: Figure) -> String {
        let verdict = figure.bound == nil ? "" : figure.isMissed ? "MISSED" : "ok"
        return "| \(figure.name) | \(short(figure.ours)) | \(short(figure.theirs)) | \(figure.unit) | "
            + "\(short(figure.ratio)) | \(figure.bound.map(short) ?? "") | \(verdict) |"
    }

    private static func short(_ number: Double) -> String {
        String(format: abs(number) >= 100 ? "%.0f" : abs(number) >= 0.1 ? "%.2f" : "%.4f", number)
    }
}

/// Seconds that something takes.
func seconds(_ body: () async throws -> Void) async rethrows -> Double {
    let begin = ContinuousClock.now
    try await body()
    let took = (ContinuousClock.now - begin).components
    return Double(took.seconds) + Double(took.attoseconds) / 1e18
}

/// Medians of several things timed in turn, so that a busy minute of the machine meets all of them.
func medians(rounds: Int, _ bodies: [() async throws -> Void]) async throws -> [Double] {
    var times = [[Double]](repeating: [], count: bodies.count)
    for _ in 0..<rounds {
        for (index, body) in bodies.enumerated() { times[index].append(try await seconds(body)) }
    }
    return times.map(median)
}

/// The middle value; the mean of the two middle ones of an even number.
func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    guard let last = sorted.indices.last else { return .nan }
    return (sorted[last / 2] + sorted[(last + 1) / 2]) / 2
}

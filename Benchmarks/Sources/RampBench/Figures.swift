import Foundation

/// One line of the table: what was measured and what it may be at most.
struct Figure: Codable {
    let name: String
    let ours: Double
    let naive: Double?
    let kayenta: Double?
    let bound: Double?
    var isMissed: Bool { bound.map { !(ours <= $0) } ?? false }
}

/// Collects figures, prints them as they come, and knows whether one missed its bound.
struct Figures {
    private var all: [Figure] = []

    /// Enters a figure, beside those of the baselines where they have one.
    mutating func enter(
        _ name: String,
        _ ours: Double,
        naive: Double? = nil,
        kayenta: Double? = nil,
        atMost bound: Double? = nil
    ) {
        let figure = Figure(name: name, ours: ours, naive: naive, kayenta: kayenta, bound: bound)
        all.append(figure)
        let cells = [figure.ours, figure.naive, figure.kayenta, figure.bound].map { $0.map(Self.short) ?? "" }
        let verdict = bound == nil ? "" : figure.isMissed ? "MISSED" : "ok"
        print("| \(name) | \(cells.joined(separator: " | ")) | \(verdict) |")
        fflush(nil)
    }

    /// Writes the table as JSON and says whether all is well.
    func close(writing path: String) throws -> Bool {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf",
            negativeInfinity: "-inf",
            nan: "nan"
        )
        try encoder.encode(all).write(to: URL(filePath: path))
        return !all.contains(where: \.isMissed)
    }

    private static func short(_ number: Double) -> String {
        String(format: number == number.rounded() ? "%.0f" : abs(number) >= 10 ? "%.1f" : "%.3f", number)
    }
}

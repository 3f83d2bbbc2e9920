import Glibc

/// Where on an axis a value lies.
struct ChartScale {
    /// Lowest value.
    let low: Double
    /// Highest value, above the lowest.
    let high: Double
    /// Where the lowest value lies.
    let start: Double
    /// Where the highest value lies.
    let end: Double
    /// Whether equal ratios have equal lengths.
    let isLogarithmic: Bool

    /// A scale over values; what is not a finite number is left out.
    ///
    /// - Parameters:
    ///   - values: what is to be seen.
    ///   - start: where the axis begins.
    ///   - end: where it ends.
    ///   - ratio: from which ratio of the highest to the lowest on the scale is logarithmic.
    init(over values: [Double], from start: Double, to end: Double, logarithmicFrom ratio: Double = .infinity) {
        // Far beyond anything measured, but a span of it is still a number.
        let finite = values.filter(\.isFinite).map { min(max($0, -1e300), 1e300) }
        let low = finite.min() ?? 0
        let high = finite.max() ?? 0
        isLogarithmic = low > 0 && high / low >= ratio
        if low == high {
            let room = low == 0 ? 1 : abs(low) / 2
            self.low = low - room
            self.high = high + room
        } else {
            self.low = low
            self.high = high
        }
        self.start = start
        self.end = end
    }

    /// Where a value lies; the nearest end for one beyond.
    func place(_ value: Double) -> Double {
        let value = min(max(value, low), high)
        let share = isLogarithmic ? log(value / low) / log(high / low) : (value - low) / (high - low)
        return start + (end - start) * (share.isFinite ? share : 0)
    }

    /// Round numbers along the axis, lowest first.
    var ticks: [Double] {
        isLogarithmic ? decades : steps
    }

    private var decades: [Double] {
        let first = Int(log10(low).rounded(.down))
        let last = Int(log10(high).rounded(.up))
        let factors: [Double] = last - first <= 2 ? [1, 2, 5] : last - first <= 4 ? [1, 3] : [1]
        return (first...max(first, last)).flatMap { power in factors.map { $0 * pow(10, Double(power)) } }
            .filter { $0 >= low && $0 <= high }
    }

    private var steps: [Double] {
        let rough = (high - low) / 4
        guard rough > 0, rough.isFinite else { return [] }
        let magnitude = pow(10, log10(rough).rounded(.down))
        let step = [1.0, 2, 5, 10].map { $0 * magnitude }.first { $0 >= rough } ?? rough
        guard step > 0, abs(low / step) < 1e9 else { return [] }
        let first = (low / step).rounded(.up)
        return (0...8).map { (first + Double($0)) * step }.filter { $0 <= high }
    }
}

/// Diagonal strokes inside a rectangle; a pattern would need a reference, which some viewers refuse.
func hatching(x: Double, y: Double, width: Double, height: Double, every gap: Double = 5) -> String {
    guard width > 0, height > 0 else { return "" }
    var commands = ""
    var offset = gap
    while offset < width + height, commands.utf8.count < 16_384 {
        let start = (x: x + max(0, offset - height), y: y + min(offset, height))
        let end = (x: x + min(offset, width), y: y + max(0, offset - width))
        commands += "M\(svgNumber(start.x)) \(svgNumber(start.y))L\(svgNumber(end.x)) \(svgNumber(end.y))"
        offset += gap
    }
    return commands
}

/// A rhombus around a point.
func rhombus(_ x: Double, _ y: Double, _ size: Double) -> String {
    "M\(svgNumber(x)) \(svgNumber(y - size))L\(svgNumber(x + size)) \(svgNumber(y))L\(svgNumber(x)) "
        + "\(svgNumber(y + size))L\(svgNumber(x - size)) \(svgNumber(y))Z"
}

/// A triangle around a point.
func triangle(_ x: Double, _ y: Double, _ size: Double, isUp: Bool = true) -> String {
    let tip = isUp ? -size : size
    return "M\(svgNumber(x)) \(svgNumber(y + tip))L\(svgNumber(x + size)) \(svgNumber(y - tip * 0.8))L"
        + "\(svgNumber(x - size)) \(svgNumber(y - tip * 0.8))Z"
}

/// A cross around a point.
func cross(_ x: Double, _ y: Double, _ size: Double) -> String {
    let edge = svgNumber(size * 2)
    return "M\(svgNumber(x - size)) \(svgNumber(y - size))l\(edge) \(edge)m0-\(edge)l-\(edge) \(edge)"
}

/// The head of an arrow that ends in a point.
func arrowhead(from start: (x: Double, y: Double), to end: (x: Double, y: Double), size: Double = 6) -> String {
    let length = max(0.001, hypot(end.x - start.x, end.y - start.y))
    let along = (x: (end.x - start.x) / length * size, y: (end.y - start.y) / length * size)
    let base = (x: end.x - along.x, y: end.y - along.y)
    return "M\(svgNumber(end.x)) \(svgNumber(end.y))L\(svgNumber(base.x - along.y * 0.5)) "
        + "\(svgNumber(base.y + along.x * 0.5))L\(svgNumber(base.x + along.y * 0.5)) "
        + "\(svgNumber(base.y - along.x * 0.5))Z"
}

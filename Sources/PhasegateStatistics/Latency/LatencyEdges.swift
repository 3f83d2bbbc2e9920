/// The edges of the latency buckets: 1 microsecond to 500 seconds, each a little less than 1 % above the one before.
///
/// Buckets are half-open. Bucket 0 lies below the first edge, bucket i + 1 from
/// edge i up to the next, the last one at or above the last edge. All
/// histograms have the same edges, so that their counts can be set against
/// each other without rounding. Nineteen buckets make a factor of 1.2, so that
/// the usual margins lose nothing by being rounded: 20 % leads from edge to
/// edge, and 10 % becomes 10.07 %.
enum LatencyEdges {
    private static let logarithmOfFactor = logarithm(1.2) / 19

    /// Microseconds, ascending.
    static let microseconds: [Double] = {
        let last = Int((logarithm(500e6) / logarithmOfFactor).rounded(.up))
        return (0...last).map { exponential(Double($0) * logarithmOfFactor) }
    }()

    static var count: Int { microseconds.count }

    /// The bucket that a value lies in.
    ///
    /// - Parameter value: microseconds, not NaN.
    /// - Returns: 0 for one below the first edge, the number of edges for one at or above the last.
    static func bucket(of value: Double) -> Int {
        let edges = microseconds
        guard value >= edges[0] else { return 0 }
        guard value < edges[edges.count - 1] else { return edges.count }
        // The logarithm comes within one of the bucket; the edges themselves decide.
        var edge = min(Int(logarithm(value) / logarithmOfFactor), edges.count - 2)
        while edges[edge] > value { edge -= 1 }
        while edges[edge + 1] <= value { edge += 1 }
        return edge + 1
    }
}

/// The first of ascending edges that is at or above a value; the number of edges when none is.
///
/// Edges that differ from the value by less than 1e-12 of it are equal to it.
func firstEdge(atOrAbove value: Double, in edges: [Double]) -> Int {
    let least = value * (1 - 1e-12)
    var low = 0
    var high = edges.count
    while low < high {
        let middle = (low + high) / 2
        if edges[middle] >= least { high = middle } else { low = middle + 1 }
    }
    return low
}

/// The last of ascending edges that is at or below a value; -1 when none is.
///
/// Edges that differ from the value by less than 1e-12 of it are equal to it.
func lastEdge(atOrBelow value: Double, in edges: [Double]) -> Int {
    let most = value * (1 + 1e-12)
    var low = 0
    var high = edges.count
    while low < high {
        let middle = (low + high) / 2
        if edges[middle] <= most { low = middle + 1 } else { high = middle }
    }
    return low - 1
}

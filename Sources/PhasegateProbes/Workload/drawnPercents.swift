/// The percents that a sample says something about, of those that latency curves are drawn with.
///
/// A share in the tail needs one observation beyond it to be more than the largest or the smallest one under another
/// name: the 99th percentile 100 of them, the 1st as many. The maximum is always what it is.
///
/// - Parameter samples: how many observations there are.
/// - Returns: ascending; empty for no observations.
func drawnPercents(forSamples samples: Int) -> [Double] {
    guard samples > 0 else { return [] }
    return [1, 5, 10, 25, 50, 75, 90, 95, 99, 99.9, 100].filter { percent in
        // 100 - 99.9 is a little less than 0.1 in binary; that must not cost an observation.
        percent == 100 || Double(samples) * min(percent, 100 - percent) >= 100 - 1e-6
    }
}

import PhasegateCore

/// Takes samples out of a long history so that a drawing of what is left looks the same.
///
/// The first and the last stay, and of every stretch between them the lowest and the highest.
///
/// - Parameters:
///   - samples: in the order they were taken; their moments do not matter, so that a clock that stepped back breaks
///     nothing.
///   - limit: the most that is wanted.
/// - Returns: at most so many of the samples, in their order; all of them where they are few enough.
func thinned(_ samples: [RolloutReport.Sample], to limit: Int) -> [RolloutReport.Sample] {
    guard samples.count > limit else { return samples }
    guard limit >= 4 else {
        // Too few for a stretch: the newest says most.
        return Array(samples.suffix(max(0, limit)))
    }
    let inner = 1..<(samples.count - 1)
    let stretches = (limit - 2) / 2
    var kept = [samples[0]]
    for stretch in 0..<stretches {
        let from = inner.lowerBound + inner.count * stretch / stretches
        let to = inner.lowerBound + inner.count * (stretch + 1) / stretches
        guard from < to else { continue }
        var low = from
        var high = from
        for index in from..<to {
            if samples[index].value < samples[low].value { low = index }
            if samples[index].value > samples[high].value { high = index }
        }
        kept.append(samples[min(low, high)])
        if low != high { kept.append(samples[max(low, high)]) }
    }
    kept.append(samples[samples.count - 1])
    return kept
}

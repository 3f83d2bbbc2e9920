/// What was wrong with a parameter or an observation; nothing has changed when one of these is thrown.
public enum StatisticsError: String, Error, Codable, Hashable, Sendable, CaseIterable, CustomStringConvertible {
    /// A rate, share, level or percentile that does not lie strictly between 0 and 1.
    case shareOutOfRange = "a rate, share, level or percentile has to lie strictly between 0 and 1"
    /// A ratio, concentration, load or weight that is not a positive finite number.
    case notPositive = "a ratio, concentration, load or weight has to be a positive finite number"
    /// A margin or a slack that is negative, too large or not a number.
    case marginOutOfRange = "a margin or slack has to be at least 0 and small enough to leave something to show"
    /// More events than trials, or a negative number of either.
    case impossibleCounts = "counts must not be negative, and events not more than trials"
    /// A count at which sums would no longer be exact.
    case countTooLarge = "a count has to be at most 2^52"
    /// A value that is none of those that were announced.
    case unknownValue = "a value has to be one of those announced"
    /// Values, shares or edges that are too few, out of order, out of range or do not sum up.
    case malformedList = "values, shares or edges are too few, out of order, out of range or do not sum up"
    /// A schedule of restarts that has none, or none that can be reached.
    case malformedSchedule = "restarts have to be at least one look apart and not be negative in number"
    /// A claim that no number of samples can show.
    case nothingToShow = "what is expected does not differ from the limit in the direction of the claim"
    /// A stored state that no sequence of looks leads to.
    case impossibleState = "a stored state has a number that no looks can lead to"

    /// The sentence.
    public var description: String { rawValue }
}

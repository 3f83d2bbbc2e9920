/// Which claim evidence is gathered for.
public enum Direction: String, Codable, Hashable, Sendable, CaseIterable {
    /// The quantity is above its limit; for error rates and latency the claim of a failing gate.
    case above
    /// The quantity is below its limit; for error rates and latency the claim of a passing gate.
    case below
}

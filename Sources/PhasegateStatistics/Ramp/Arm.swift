/// Which of the two groups of users of a ramp somebody belongs to.
public enum Arm: String, Codable, Hashable, Sendable, CaseIterable {
    /// Those who see the change.
    case candidate
    /// Those who do not, at the same time.
    case control
}

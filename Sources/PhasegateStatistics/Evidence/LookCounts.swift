/// What both arms showed in one look.
public struct LookCounts: Codable, Hashable, Sendable {
    /// The arm with the change.
    public var candidate: ArmCounts
    /// The arm without, at the same time.
    public var control: ArmCounts

    /// Both arms' counts.
    public init(candidate: ArmCounts, control: ArmCounts) {
        self.candidate = candidate
        self.control = control
    }

    /// Whether both arms showed something; otherwise there is nothing to compare.
    public var isComplete: Bool { candidate.trials > 0 && control.trials > 0 }
}

/// What the controller does next, and why.
public struct Decision: Hashable, Codable, Sendable {
    /// The kinds of doing.
    public enum Action: String, Codable, Sendable, CaseIterable {
        /// Sample again later.
        case wait
        /// Go through the gate.
        case advance
        /// Stop and let a person decide; guards go on.
        case hold
        /// Take the phase back.
        case rollback
        /// Run the compensation.
        case compensate
        /// Leave everything as it is and call a person.
        case freeze
        /// Nothing was changed yet: stop before the change.
        case stop
    }

    /// What is done.
    public let action: Action
    /// Why, as one sentence.
    public let reason: String
    /// When to look again, for `wait` and `hold`.
    public let wakeAt: Moment?
    /// Whether a kill ended the rollout for good.
    public let isFinal: Bool

    /// Puts a decision together.
    public init(_ action: Action, because reason: String, wakeAt: Moment? = nil, isFinal: Bool = false) {
        self.action = action
        self.reason = reason
        self.wakeAt = wakeAt
        self.isFinal = isFinal
    }
}

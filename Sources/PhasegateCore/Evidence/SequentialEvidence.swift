/// What a criterion that is compared rests on: evidence that may be looked at at any time.
///
/// Numbers only, so that a verdict can be found again from the ledger. What
/// they promise is said in docs/statistics.md.
public struct SequentialEvidence: Hashable, Codable, Sendable {
    /// The evidence for one claim.
    public struct Side: Hashable, Codable, Sendable {
        /// ln E of the claim: the largest there was for a failure, the present one for a pass.
        public let logEvidence: Double
        /// What it has to reach, the logarithm of 1/level.
        public let threshold: Double
        /// The chance to show the claim although it is wrong, over all looks.
        public let level: Double
        /// Units of the candidate that are still to come at the present pace; nothing where it does not move there.
        public let samplesToGo: Double?

        /// Puts a side together.
        public init(logEvidence: Double, threshold: Double, level: Double, samplesToGo: Double? = nil) {
            self.logEvidence = logEvidence
            self.threshold = threshold
            self.level = level
            self.samplesToGo = samplesToGo
        }

        /// Whether the claim is shown; a threshold that is no number is never reached.
        public var isShown: Bool { logEvidence >= threshold }
    }

    /// Whether users reach the arms as planned.
    public struct Assignment: Hashable, Codable, Sendable {
        /// Users who were seen for the first time, by arm.
        public let candidate, control: Int
        /// The share of them that was to see the candidate.
        public let plannedShare: Double
        /// Evidence that they come otherwise; the largest there was.
        public let mismatch: Side

        /// Puts an assignment together.
        public init(candidate: Int, control: Int, plannedShare: Double, mismatch: Side) {
            self.candidate = candidate
            self.control = control
            self.plannedShare = plannedShare
            self.mismatch = mismatch
        }

        /// As `60 of 300 users saw the candidate, and 5 % were planned`.
        public var sentence: String {
            "\(candidate) of \(candidate + control) users saw the candidate, and \(shortDecimal(plannedShare * 100)) % were planned"
        }
    }

    /// What the evidence comes to.
    public enum Answer: Hashable, Sendable {
        /// Users do not come as planned, so that nothing can be concluded.
        case invalid(String)
        /// The violation is shown.
        case fail
        /// It cannot be told now, for a reason that time alone may not mend.
        case blind(String)
        /// The limit is shown to be kept.
        case pass
        /// Neither is shown yet.
        case undecided
    }

    /// That the criterion is violated; nothing where no limit says when.
    public let failing: Side?
    /// That the criterion is met; nothing where no limit says when.
    public let passing: Side?
    /// Why the last look says nothing, as that one arm is missing; nothing where it could be judged.
    public let blindness: String?
    /// Users by arm; nothing where there is no second arm or users are not named.
    public let assignment: Assignment?
    /// What was counted, as `users`.
    public let unit: ObservationPlan.Unit
    /// Units of either arm that were judged.
    public let candidate, control: Int
    /// How often the step has been begun anew, this time included: each spends a part of the levels of its own.
    public let beginning: Int
    /// Units of the candidate a second, since counting began; nothing before.
    public let candidateRate: Double?
    /// Requests of both arms a second, judged or not.
    public let requestRate: Double?

    /// Puts evidence together.
    public init(
        failing: Side?,
        passing: Side?,
        blindness: String? = nil,
        assignment: Assignment? = nil,
        unit: ObservationPlan.Unit,
        candidate: Int,
        control: Int,
        beginning: Int = 1,
        candidateRate: Double? = nil,
        requestRate: Double? = nil
    ) {
        self.failing = failing
        self.passing = passing
        self.blindness = blindness
        self.assignment = assignment
        self.unit = unit
        self.candidate = candidate
        self.control = control
        self.beginning = beginning
        self.candidateRate = candidateRate
        self.requestRate = requestRate
    }

    /// The first that holds: F13 of docs/statistics.md.
    public var answer: Answer {
        if let assignment, assignment.mismatch.isShown { return .invalid(assignment.sentence) }
        if let failing, failing.isShown { return .fail }
        if let blindness { return .blind(blindness) }
        if let passing, passing.isShown { return .pass }
        return .undecided
    }

    /// Units of the candidate that are still to come until either side is shown; nothing where neither moves there.
    public var samplesToDecide: Double? {
        [failing?.samplesToGo, passing?.samplesToGo].compactMap(\.self).min()
    }
}

import PhasegateCore
import PhasegateStatistics

/// Judges one step of a ramp by what is observed of its users: a value that is told the time.
///
/// What comes in is collected and judged when a look is closed. When that is
/// follows from counts and time alone, never from what was observed.
struct StepJudge: Sendable {
    let plan: StepPlan
    private var gauges: [any Gauge] = []
    private var assignment: SampleRatioEvidence?
    private var users: UserWindows
    /// Users who were counted since the last look: of the candidate, of the control.
    private var newUsers = [0, 0]
    /// When the last request of each arm came in.
    private var lastSeen: [Arm: Duration] = [:]
    /// Arms that had a request since the last look was closed.
    private var armsInLook: Set<Arm> = []
    private var lastClosed = Duration.zero
    private var gap: String?
    private var rejected: RejectedLines?
    private var isUnnamed = false
    private var hasCounts = false
    private var requests = 0

    /// How long an arm may be silent before nothing can be said any more.
    static let patience = Duration.seconds(30)
    /// What part of the lines may not be understood: those that are left out may be the bad ones.
    static let bearableRejects = 0.01

    /// Begins a step.
    ///
    /// - Throws: `StatisticsError` for limits that nothing can be held against.
    init(_ plan: StepPlan) throws(StatisticsError) {
        self.plan = plan
        for criterion in plan.criteria {
            guard let value = ObservedValue(of: criterion) else { continue }
            gauges.append(try value.gauge(for: criterion, plan))
        }
        users = UserWindows(
            window: plan.observation.userWindow,
            tallyCount: plan.observation.unit == .user ? gauges.count : 0
        )
        if plan.hasControl {
            assignment = try SampleRatioEvidence(shares: [plan.candidateShare, 1 - plan.candidateShare])
        }
    }

    /// Takes what came in.
    ///
    /// - Parameters:
    ///   - batch: what came in.
    ///   - now: since the step began.
    mutating func take(_ batch: ObservationBatch, at now: Duration) {
        let isJudged = now >= plan.observation.burnIn
        switch batch {
        case .requests(let observations):
            gap = nil
            for observation in observations { take(observation, at: now, isJudged: isJudged) }
        case .counts(let counts):
            gap = nil
            for arm in counts { take(arm, at: now, isJudged: isJudged) }
        case .rejected(let lines):
            rejected.add(lines)
        case .gap(let why):
            gap = why
        }
    }

    private mutating func take(_ observation: Observation, at now: Duration, isJudged: Bool) {
        note(observation.arm, 1, at: now)
        guard isJudged else {
            for index in gauges.indices { gauges[index].follow(observation) }
            return
        }
        for index in gauges.indices {
            if gauges[index].countsUsers {
                gauges[index].follow(observation)
            } else {
                gauges[index].add(observation)
            }
        }
        users.note(observation, at: now) { gauge, tally in gauges[gauge].count(observation, in: &tally) }
    }

    private mutating func take(_ counts: CountedObservations, at now: Duration, isJudged: Bool) {
        let total = counts.latencies.total
        if total > 0 {
            note(counts.arm, total, at: now)
            hasCounts = true
        }
        for index in gauges.indices { gauges[index].add(counts, isJudged: isJudged) }
        guard isJudged else { return }
        if let fresh = counts.newUsers {
            newUsers[counts.arm == .candidate ? 0 : 1] += min(max(0, fresh), 1_000_000_000)
        } else {
            isUnnamed = true
        }
    }

    private mutating func note(_ arm: Arm, _ count: Int, at now: Duration) {
        requests += count
        lastSeen[arm] = now
        armsInLook.insert(arm)
    }

    /// Whether a look can be closed: it has lasted, and both arms are in it, or have been waited for long enough.
    func isLookDue(at now: Duration) -> Bool {
        guard now - lastClosed >= plan.observation.look else { return false }
        if plan.observation.unit == .user { return true }
        let isWhole = armsInLook.contains(.candidate) && (armsInLook.contains(.control) || !plan.hasControl)
        return isWhole || now - lastClosed >= Self.patience
    }

    /// Judges what came in since the look before.
    ///
    /// - Returns: whether a criterion fails, or the assignment is wrong, and did or was not before.
    mutating func closeLook(at now: Duration) -> Bool {
        let before = isSettled
        lastClosed = now
        armsInLook = []
        users.close(at: now) { gauge, tally, arm in gauges[gauge].enter(tally, of: arm) }
        for (arm, count) in users.takeFresh() { newUsers[arm == .candidate ? 0 : 1] += count }
        try? assignment?.observe(newUsers)
        newUsers = [0, 0]
        for index in gauges.indices { gauges[index].closeLook() }
        return isSettled && !before
    }

    /// Whether a failure, or a wrong assignment, has been shown.
    private var isSettled: Bool {
        if let assignment, assignment.peakLogEvidence >= threshold(at: plan.invalidLevel) { return true }
        return zip(plan.criteria, gauges).contains { criterion, gauge in
            guard let level = plan.failLevels[criterion.name] else { return false }
            return (gauge.peakFailEvidence ?? 0) >= threshold(at: level)
        }
    }

    /// Where a criterion stands.
    ///
    /// - Returns: nothing for a criterion that is not of this step.
    func measurement(of name: CriterionName, at now: Duration, source: String) -> Measurement? {
        guard let index = plan.criteria.firstIndex(where: { $0.name == name }) else { return nil }
        let criterion = plan.criteria[index]
        var standing = gauges[index].standing()
        if hasCounts, let why = gauges[index].cannotReadCounts {
            standing.blindness = why
            standing.isBlindForGood = true
        }
        let evidence = criterion.comparison.map { self.evidence(of: criterion, standing, $0, at: now) }
        guard standing.estimate != nil || evidence != nil else { return nil }
        return Measurement(
            parts: [Measurement.Part("", standing.estimate ?? Quantity(word: "nothing"))],
            samples: standing.candidate,
            interval: standing.interval,
            resolvedQuery: source,
            notes: standing.notes + notes(at: now),
            evidence: evidence
        )
    }

    private func evidence(
        of criterion: Criterion,
        _ standing: GaugeStanding,
        _ comparison: Criterion.Comparison,
        at now: Duration
    ) -> SequentialEvidence {
        let failLevel = plan.failLevels[criterion.name] ?? 0
        return SequentialEvidence(
            failing: standing.failing.map { side($0, $0.peakLogEvidence, at: failLevel) },
            passing: standing.passing.map { side($0, $0.logEvidence, at: plan.passLevel) },
            blindness: blindness(standing, comparison, at: now),
            assignment: assignmentEvidence,
            unit: plan.observation.unit,
            candidate: standing.candidate,
            control: standing.control,
            beginning: plan.beginning,
            candidateRate: rate(standing.candidate, in: now - plan.observation.burnIn),
            requestRate: rate(requests, in: now)
        )
    }

    private func rate(_ count: Int, in time: Duration) -> Double? {
        time >= .seconds(1) ? Double(count) / (time / .seconds(1)) : nil
    }

    private func side(_ process: any EProcess, _ logEvidence: Double, at level: Double) -> SequentialEvidence.Side {
        SequentialEvidence.Side(
            logEvidence: logEvidence,
            // What cannot be reached is kept as a number: a ledger holds no infinities.
            threshold: min(threshold(at: level), .greatestFiniteMagnitude),
            level: level,
            samplesToGo: process.samplesToDecide(at: level)
        )
    }

    private var assignmentEvidence: SequentialEvidence.Assignment? {
        guard let assignment, !isUnnamed, users.count > 0 || assignment.course.samples > 0 else { return nil }
        return SequentialEvidence.Assignment(
            candidate: assignment.counts[0],
            control: assignment.counts[1],
            plannedShare: plan.candidateShare,
            mismatch: side(assignment, assignment.peakLogEvidence, at: plan.invalidLevel)
        )
    }

    /// Why nothing can be said now; a burn-in is no reason, it ends by itself.
    private func blindness(
        _ standing: GaugeStanding,
        _ comparison: Criterion.Comparison,
        at now: Duration
    ) -> String? {
        if standing.isBlindForGood { return standing.blindness }
        if let gap { return gap }
        if let rejected, Double(rejected.count) > Self.bearableRejects * Double(rejected.count + requests) {
            return rejected.sentence(of: requests)
        }
        if plan.hasControl, plan.observation.checksAssignment, standing.candidate > 0, assignmentEvidence == nil {
            return "no request says which user it was of, so that nobody knows whether users come as planned"
        }
        let judgedFor = now - plan.observation.burnIn
        guard judgedFor > Self.patience else { return standing.candidate > 0 ? standing.blindness : nil }
        for arm in Arm.allCases where arm == .candidate || comparison == .control {
            guard let last = lastSeen[arm] else { return "the \(arm.rawValue) has had no request" }
            if now - last > Self.patience {
                return "the \(arm.rawValue) has had no request for \((now - last).forPeople)"
            }
        }
        if plan.observation.unit == .user, users.count == 0 { return "no request says which user it was of" }
        let share = Double(users.mixed.count) / Double(max(1, users.count))
        if share > 0.02 {
            return "\(users.mixed.count) of \(users.count) users were served with the change and without"
        }
        return standing.blindness
    }

    private func notes(at now: Duration) -> [String] {
        var notes: [String] = []
        if let rejected { notes.append(rejected.sentence(of: requests)) }
        let left = plan.observation.burnIn - now
        if left > .zero { notes.append("\(left.forPeople) of the burn-in left; nothing counts before") }
        if let rate = rate(requests, in: now) { notes.append("\(shortDecimal(rate)) requests a second observed") }
        if users.unnamed > 0, plan.observation.unit == .user {
            notes.append("\(users.unnamed) requests named no user and are left out")
        }
        if !users.mixed.isEmpty { notes.append("\(users.mixed.count) users were served in both arms and are left out") }
        if plan.beginning > 1 {
            notes.append("begun anew for the \(plan.beginning). time; evidence has to be stronger")
        }
        if plan.hasControl, assignmentEvidence == nil {
            notes.append("whether users reach the arms as planned is not checked")
        }
        return notes
    }
}

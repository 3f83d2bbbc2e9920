import Glibc
import PhasegateCore
import PhasegateFlags

/// What is wrong with the new read path on purpose, so that a rollout can be seen to notice it.
struct PlantedFaults {
    /// How many times as long the new reads take; 1 for none.
    let slowDown: Double
    /// Who sees them although the flag does not say so; nobody by default.
    private let leaking: FlagRule

    init(slowDown: Double, leak: Double) {
        self.slowDown = slowDown
        // Drawn by another salt: those who leak in are not those who are next in line.
        leaking = FlagRule(key: "leak", salt: "leak", share: BasisPoints(rawValue: Int(leak * 100)))
    }

    /// Whether a user sees the new reads against the flag.
    func leaks(to user: String) -> Bool { leaking.isExposed(user) }

    /// Makes what began at a moment take as long as planned.
    func dawdle(since began: ContinuousClock.Instant) {
        guard slowDown > 1 else { return }
        let end = began + (ContinuousClock.now - began) * slowDown
        // Reads take a fraction of a millisecond, and a sleep would take longer than the fault.
        while ContinuousClock.now < end { sched_yield() }
    }
}

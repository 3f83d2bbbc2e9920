import Glibc
import PhasegateCore
import PhasegateFlags

/// What is wrong with the new read path on purpose, so that a rollout can be seen to notice it.
struct PlantedFaults {
    /// How many times as long as the old reads the new ones take; 1 for no fault, and then they are as quick as they are.
    let slowDown: Double
    /// Whether the new reads are slow on purpose; they go the old way then, which is what they are measured by.
    var isSlow: Bool { slowDown > 1 }
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
        guard isSlow else { return }
        let end = began + (ContinuousClock.now - began) * slowDown
        // Reads take a fraction of a millisecond, and a sleep would take longer than the fault.
        while ContinuousClock.now < end { sched_yield() }
    }
}

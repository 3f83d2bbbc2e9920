public import PhasegateCore

/// What a driver of load does: synthetic users who run the workload of their arm.
public struct LoadPlan: Sendable {
    /// What users with the change run.
    public let candidate: Workload
    /// What users without run.
    public let control: Workload
    /// Requests that begin in a second.
    public let rate: Double
    /// How many users there are, each as likely as another.
    public let users: Int
    /// Of everything drawn at random.
    public let seed: UInt64

    /// Puts a plan together.
    public init(candidate: Workload, control: Workload, rate: Double, users: Int, seed: UInt64 = 1) {
        self.candidate = candidate
        self.control = control
        self.rate = rate
        self.users = users
        self.seed = seed
    }

    /// Requests that run at once, at most; shared by both arms, so that both wait in the same queue.
    var concurrency: Int { max(candidate.concurrency, control.concurrency) }
}

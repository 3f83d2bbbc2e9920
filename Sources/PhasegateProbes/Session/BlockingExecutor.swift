import Dispatch

/// Runs an actor on a serial queue of its own, so that calls that block never
/// take a thread from the cooperative pool.
public final class BlockingExecutor: SerialExecutor {
    private let queue: DispatchQueue

    /// Makes the queue.
    ///
    /// - Parameter label: shown by debuggers.
    public init(label: String) { queue = DispatchQueue(label: label) }

    /// Runs a job on the queue.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}

import Synchronization

/// What the workers share: what they did since it was last looked at, and how many are at it.
final class Pool: Sendable {
    /// Connections opened, which is also the most there are: each worker keeps its own.
    let size: Int
    private let inUse = Atomic<Int>(0)
    private let samples = Mutex<[Sample]>([])
    private let breaker: Mutex<CircuitBreaker>
    private let stopped = Atomic<Bool>(false)

    init(size: Int, breaker: CircuitBreaker = CircuitBreaker()) {
        self.size = size
        self.breaker = Mutex(breaker)
    }

    /// Workers serving a request right now.
    var busy: Int { inUse.load(ordering: .relaxed) }
    var isStopped: Bool { stopped.load(ordering: .relaxed) }
    func stop() { stopped.store(true, ordering: .relaxed) }

    func serving<Value>(_ body: () -> Value) -> Value {
        inUse.add(1, ordering: .relaxed)
        defer { inUse.subtract(1, ordering: .relaxed) }
        return body()
    }

    func add(_ sample: Sample) {
        samples.withLock { $0.append(sample) }
    }

    /// The samples since the last call.
    func takeSamples() -> [Sample] {
        samples.withLock { samples in
            let taken = samples
            samples.removeAll(keepingCapacity: true)
            return taken
        }
    }

    func withBreaker<Value: Sendable>(_ body: (inout CircuitBreaker) -> Value) -> Value {
        breaker.withLock { body(&$0) }
    }
}

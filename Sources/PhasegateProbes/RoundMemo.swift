/// Remembers, for one round, what several criteria share: a workload is run once for p50, p95 and p99.
public actor RoundMemo {
    private var results: [String: any Sendable] = [:]

    /// Nothing is remembered yet.
    public init() {}

    /// What was remembered under a key.
    public func recall<Value: Sendable>(_ key: String, as: Value.Type) -> Value? { results[key] as? Value }

    /// Remembers a value under a key.
    public func remember(_ value: some Sendable, under key: String) { results[key] = value }
}

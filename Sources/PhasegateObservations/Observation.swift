public import PhasegateStatistics

/// One request that an application served, and what came of it.
public struct Observation: Hashable, Sendable {
    /// Whether it was served with the change or without.
    public var arm: Arm
    /// Whose request it was, by the key the flag is bucketed by; nothing where that is not said.
    public var user: User?
    /// How long it took; nothing where that is not said, and not a latency where it is negative or no number.
    public var microseconds: Double?
    /// Whether it failed; a failed request counts as slow as well.
    public var isError: Bool
    /// How good the answer was, from 0 to 1; nothing where that is not measured.
    public var score: Double?

    /// Puts an observation together.
    public init(
        arm: Arm,
        user: User? = nil,
        microseconds: Double? = nil,
        isError: Bool = false,
        score: Double? = nil
    ) {
        self.arm = arm
        self.user = user
        self.microseconds = microseconds
        self.isError = isError
        self.score = score
    }

    /// The latency as it counts: a failure as the slowest there is, one that was not said as none.
    var countedMicroseconds: Double { isError ? Self.slowest : microseconds ?? .nan }

    private static let slowest = Double.greatestFiniteMagnitude

    /// Somebody, by the hash of a key: keys themselves are not kept.
    public struct User: Hashable, Sendable {
        private let key: UInt64

        /// Hashes a key, the same way everywhere (FNV-1a, 64 bit).
        ///
        /// - Returns: nothing for an empty key: all who have none would be one.
        public init?(_ key: some StringProtocol) {
            self.init(utf8: key.utf8)
        }

        /// The same of a key in UTF-8.
        init?(utf8 key: some Collection<UInt8>) {
            guard !key.isEmpty else { return nil }
            var hash: UInt64 = 0xcbf2_9ce4_8422_2325
            for byte in key { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
            self.key = hash
        }
    }
}

/// What a source that only counts has counted in one arm since it was last asked.
public struct CountedObservations: Hashable, Sendable {
    /// Latencies in buckets of the source's own.
    public struct Buckets: Hashable, Sendable {
        /// Upper edges in microseconds, ascending; the last bucket is open and has none.
        public var upperEdges: [Double]
        /// Requests in each bucket, one more than there are edges.
        public var counts: [Int]

        /// Puts buckets together.
        public init(upperEdges: [Double], counts: [Int]) {
            self.upperEdges = upperEdges
            self.counts = counts
        }

        var total: Int { counts.reduce(0, +) }
    }

    /// Whether these were served with the change or without.
    public var arm: Arm
    /// Their latencies.
    public var latencies: Buckets
    /// How many failed; nothing where that is not counted.
    public var errors: Int?
    /// Users who were exposed for the first time; nothing where that is not counted.
    public var newUsers: Int?

    /// Puts counts together.
    public init(arm: Arm, latencies: Buckets, errors: Int? = nil, newUsers: Int? = nil) {
        self.arm = arm
        self.latencies = latencies
        self.errors = errors
        self.newUsers = newUsers
    }
}

/// What a source has to say at once.
public enum ObservationBatch: Hashable, Sendable {
    /// Single requests.
    case requests([Observation])
    /// Counts of either arm.
    case counts([CountedObservations])
    /// What was there and could not be understood.
    case rejected(RejectedLines)
    /// Why nothing is known for the moment, as a sentence part: what follows is no continuation of what came before.
    case gap(String)
}

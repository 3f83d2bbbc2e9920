/// How many connections a target gets, how long they live, and what happens when they cannot be had.
public struct ConnectionPolicy: Hashable, Codable, Sendable {
    /// Connections that are kept although nobody uses them.
    public var minimum: Int
    /// Connections there are at most.
    public var maximum: Int
    /// How long somebody waits for one when all are in use.
    public var wait: Duration
    /// After how long one that nobody uses is closed, beyond the minimum.
    public var idle: Duration
    /// After how long one is closed however much it is used.
    public var lifetime: Duration
    /// After how long a rest one is asked whether it still answers before it is handed out.
    public var check: Duration
    /// What happens when connecting fails.
    public var retry: Retry
    /// When connecting is not even tried any more.
    public var breaker: Breaker

    /// Tries with growing pauses between them.
    public struct Retry: Hashable, Codable, Sendable {
        /// How often it is tried, the first time included.
        public var attempts: Int
        /// The first pause; each next one is twice as long.
        public var first: Duration
        /// The longest pause.
        public var longest: Duration

        /// Puts tries together.
        public init(attempts: Int = 3, first: Duration = .milliseconds(200), longest: Duration = .seconds(10)) {
            self.attempts = attempts
            self.first = first
            self.longest = longest
        }

        /// The pause after a failed attempt, counted from 1.
        public func pause(after attempt: Int) -> Duration {
            // Beyond 2^20 any pause is the longest one.
            min(longest, first * (1 << min(20, max(0, attempt - 1))))
        }
    }

    /// A circuit breaker.
    public struct Breaker: Hashable, Codable, Sendable {
        /// After how many failures in a row it opens.
        public var failures: Int
        /// How long it stays open before somebody may try.
        public var rest: Duration
        /// After how many successes it closes.
        public var successes: Int

        /// Puts a breaker together.
        public init(failures: Int = 5, rest: Duration = .seconds(30), successes: Int = 3) {
            self.failures = failures
            self.rest = rest
            self.successes = successes
        }
    }

    /// Puts a policy together.
    public init(
        minimum: Int = 0,
        maximum: Int = 300,
        wait: Duration = .seconds(30),
        idle: Duration = .seconds(300),
        lifetime: Duration = .seconds(3600),
        check: Duration = .seconds(30),
        retry: Retry = Retry(),
        breaker: Breaker = Breaker()
    ) {
        self.minimum = minimum
        self.maximum = maximum
        self.wait = wait
        self.idle = idle
        self.lifetime = lifetime
        self.check = check
        self.retry = retry
        self.breaker = breaker
    }
}

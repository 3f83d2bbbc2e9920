public import PhasegateCore
public import PhasegateProbes

/// Where observations of a ramp come from: a file, a table, a metrics server, the applications themselves.
public protocol ObservationSource: Sendable {
    /// What the loader needs to know of its kind.
    static var declaration: ObservationSourceDeclaration { get }

    /// What it reads, for reports: a path, a query, an address; no secrets.
    var sentence: String { get }

    /// Hands over what it observes until it is cancelled.
    ///
    /// Only what is observed from now on counts. What cannot be read for the moment is told as a `gap` and tried
    /// again; a line that cannot be understood is counted by `deliver`'s receiver as such when it is told.
    ///
    /// - Parameter deliver: takes a batch; returns when it has been taken in, so that a fast source is slowed down.
    /// - Throws: `ObservationError` when nothing more can come.
    func observe(_ deliver: @Sendable (ObservationBatch) async -> Void) async throws(ObservationError)
}

/// A kind of source: how one is made.
public protocol ObservationSourceKind: ObservationSource {
    /// Makes a source; reads its settings and nothing else.
    init(_ settings: Setting, in context: ObservationContext) throws(Diagnostic)
}

/// Why nothing can be observed.
public struct ObservationError: Error, Hashable, CustomStringConvertible {
    /// What is wrong, as a sentence part.
    public let message: String

    /// Puts an error together.
    public init(_ message: String) { self.message = message }

    /// The message.
    public var description: String { message }
}

/// What sources reach the world through.
public struct ObservationContext: Sendable {
    /// The rollout; workloads and targets are looked up there.
    public let rollout: Rollout
    /// The flag of the ramp that is observed.
    public let flag: FlagKey
    /// Where relative paths begin.
    public let baseDirectory: String
    /// Opens the databases.
    public let sessions: SessionPool
    /// Reads flags back.
    public let flags: any FlagReading
    /// Says who sees the change at a share of the ramp's flag.
    public let exposure: LoadDriver.Exposure

    /// Puts a context together.
    public init(
        rollout: Rollout,
        flag: FlagKey,
        baseDirectory: String,
        sessions: SessionPool,
        flags: any FlagReading,
        exposure: @escaping LoadDriver.Exposure = { share in { _ in share == .all } }
    ) {
        self.rollout = rollout
        self.flag = flag
        self.baseDirectory = baseDirectory
        self.sessions = sessions
        self.flags = flags
        self.exposure = exposure
    }

    /// A path of the rollout file, made absolute.
    public func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(baseDirectory)/\(path)" }
}

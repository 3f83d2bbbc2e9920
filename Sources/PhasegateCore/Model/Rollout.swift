/// A change taken from a plan to all users, as its file describes it.
public struct Rollout: Hashable, Codable, Sendable {
    /// A bound that several criteria share.
    public struct Threshold: Hashable, Codable, Sendable {
        /// Its name.
        public let name: ThresholdName
        /// The conditions.
        public let bounds: Criterion.Bounds
        /// The phase that puts its measuring in place; nothing if it is there from the start.
        public let providedBy: PhaseName?
        /// Items of the source document.
        public let sources: [String]

        /// Puts a threshold together.
        public init(name: ThresholdName, bounds: Criterion.Bounds, providedBy: PhaseName?, sources: [String]) {
            self.name = name
            self.bounds = bounds
            self.providedBy = providedBy
            self.sources = sources
        }
    }

    /// A feature flag the rollout moves.
    public struct Flag: Hashable, Codable, Sendable {
        /// Its key.
        public let key: FlagKey
        /// Flag store the application reads, relative to the rollout file.
        public let store: String
        /// How it decides who is in; fixed for the life of the flag.
        public let draw: FlagDraw
        /// Other places that learn of its share.
        public let sinks: [Sink]
        /// What it switches, for people.
        public let title: String
        /// Items of the source document.
        public let sources: [String]

        /// Puts a flag together.
        public init(
            key: FlagKey,
            store: String,
            draw: FlagDraw,
            sinks: [Sink] = [],
            title: String,
            sources: [String]
        ) {
            self.key = key
            self.store = store
            self.draw = draw
            self.sinks = sinks
            self.title = title
            self.sources = sources
        }
    }

    /// A part of the system the document describes, with what it leans on.
    public struct Component: Hashable, Codable, Sendable {
        /// Its name.
        public let name: String
        /// What it is for.
        public let text: String
        /// Components it uses.
        public let uses: [String]
        /// The phase that provides it.
        public let providedBy: PhaseName?
        /// Items of the source document.
        public let sources: [String]

        /// Puts a component together.
        public init(name: String, text: String, uses: [String], providedBy: PhaseName?, sources: [String]) {
            self.name = name
            self.text = text
            self.uses = uses
            self.providedBy = providedBy
            self.sources = sources
        }
    }

    /// Its name.
    public let name: RolloutName
    /// Its title for people.
    public let title: String
    /// The document it was written from.
    public let document: String?
    /// Items of the source document that the rollout as a whole answers.
    public let sources: [String]
    /// Databases.
    public let targets: [DatabaseTarget]
    /// Named workloads.
    public let workloads: [Workload]
    /// Shared bounds.
    public let thresholds: [Threshold]
    /// Flags.
    public let flags: [Flag]
    /// Parts of the system the document describes.
    public let components: [Component]
    /// Phases in the order of the file; `needs` orders them.
    public let phases: [Phase]
    /// The risk register.
    public let register: RiskRegister
    /// Who is told of what, where and when.
    public let notices: NoticePlan

    /// Puts a rollout together.
    public init(
        name: RolloutName,
        title: String,
        document: String? = nil,
        sources: [String] = [],
        targets: [DatabaseTarget] = [],
        workloads: [Workload] = [],
        thresholds: [Threshold] = [],
        flags: [Flag] = [],
        components: [Component] = [],
        phases: [Phase],
        register: RiskRegister = .empty,
        notices: NoticePlan = .byDefault
    ) {
        self.name = name
        self.title = title
        self.document = document
        self.sources = sources
        self.targets = targets
        self.workloads = workloads
        self.thresholds = thresholds
        self.flags = flags
        self.components = components
        self.phases = phases
        self.register = register
        self.notices = notices
    }

    /// The phase of a name.
    public func phase(_ name: PhaseName) -> Phase? { phases.first { $0.name == name } }

    /// The target of a name.
    public func target(_ name: TargetName) -> DatabaseTarget? { targets.first { $0.name == name } }

    /// The workload of a name.
    public func workload(_ name: WorkloadName) -> Workload? { workloads.first { $0.name == name } }

    /// The flag of a key.
    public func flag(_ key: FlagKey) -> Flag? { flags.first { $0.key == key } }

    /// The phases in an order that respects `needs`; those in a cycle are left out.
    public var orderedPhases: [Phase] {
        var ordered: [Phase] = []
        var finished: Set<PhaseName> = []
        var waiting = phases
        while let index = waiting.firstIndex(where: { $0.needs.allSatisfy(finished.contains) }) {
            let phase = waiting.remove(at: index)
            finished.insert(phase.name)
            ordered.append(phase)
        }
        return ordered
    }

    /// The phase that follows another one.
    public func phase(after name: PhaseName) -> Phase? {
        let ordered = orderedPhases
        guard let index = ordered.firstIndex(where: { $0.name == name }) else { return nil }
        return ordered.dropFirst(index + 1).first
    }
}

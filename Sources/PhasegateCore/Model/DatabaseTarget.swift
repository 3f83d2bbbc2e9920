/// A database that the rollout reads or changes.
public struct DatabaseTarget: Hashable, Codable, Sendable {
    /// What must be true of the database for it to be the planned one.
    public struct Fingerprint: Hashable, Codable, Sendable {
        /// SQLite's `application_id`.
        public let applicationID: Int64?
        /// What the server calls itself: PostgreSQL's system identifier, MariaDB's server UID.
        public let system: String?
        /// The database's own name on its server.
        public let database: String?
        /// Tables that must be there.
        public let tables: [String]

        /// Puts a fingerprint together.
        public init(
            applicationID: Int64? = nil,
            system: String? = nil,
            database: String? = nil,
            tables: [String] = []
        ) {
            self.applicationID = applicationID
            self.system = system
            self.database = database
            self.tables = tables
        }
    }

    /// Its name in the rollout.
    public let name: TargetName
    /// Which engine runs it, as `sqlite`.
    public let engine: String
    /// Where it lies.
    public let location: DatabaseLocation
    /// What identifies it.
    public let fingerprint: Fingerprint
    /// Whether a step may write to it.
    public let isWritable: Bool
    /// How it is connected to, where the plan says so.
    public let connections: ConnectionPolicy?
    /// Items of the source document.
    public let sources: [String]

    /// Puts a target together.
    public init(
        name: TargetName,
        engine: String,
        location: DatabaseLocation,
        fingerprint: Fingerprint,
        isWritable: Bool,
        connections: ConnectionPolicy? = nil,
        sources: [String] = []
    ) {
        self.name = name
        self.engine = engine
        self.location = location
        self.fingerprint = fingerprint
        self.isWritable = isWritable
        self.connections = connections
        self.sources = sources
    }
}

extension DatabaseTarget {
    /// The path of a file keeps the place it had before there were servers: the plan's digest is made of this, and a
    /// rollout under way must not lose its signatures to a new version.
    private enum CodingKeys: String, CodingKey {
        case name
        case engine
        case path
        case address
        case fingerprint
        case isWritable
        case connections
        case sources
    }

    /// Reads what `encode` wrote.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let location: DatabaseLocation =
            if let path = try values.decodeIfPresent(String.self, forKey: .path) {
                .file(path)
            } else {
                .server(try values.decode(ServerAddress.self, forKey: .address))
            }
        self.init(
            name: try values.decode(TargetName.self, forKey: .name),
            engine: try values.decode(String.self, forKey: .engine),
            location: location,
            fingerprint: try values.decode(Fingerprint.self, forKey: .fingerprint),
            isWritable: try values.decode(Bool.self, forKey: .isWritable),
            connections: try values.decodeIfPresent(ConnectionPolicy.self, forKey: .connections),
            sources: try values.decode([String].self, forKey: .sources)
        )
    }

    /// Writes the path of a file, or the address of a server.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(name, forKey: .name)
        try values.encode(engine, forKey: .engine)
        try values.encodeIfPresent(location.path, forKey: .path)
        try values.encodeIfPresent(location.address, forKey: .address)
        try values.encode(fingerprint, forKey: .fingerprint)
        try values.encode(isWritable, forKey: .isWritable)
        try values.encodeIfPresent(connections, forKey: .connections)
        try values.encode(sources, forKey: .sources)
    }
}

/// A set of parameterised queries that stands for what the application does.
public struct Workload: Hashable, Codable, Sendable {
    /// Where a parameter's values come from.
    public enum Source: Hashable, Codable, Sendable {
        /// The first column of a query, drawn from at random.
        case query(String)
        /// A fixed list, drawn from at random.
        case values([Setting])
        /// Whole numbers from a range, both ends included.
        case range(Int64, Int64)
    }

    /// One statement.
    public struct Query: Hashable, Codable, Sendable {
        /// The SQL, with parameters as `:name`.
        public let sql: String
        /// Where the parameters' values come from.
        public let parameters: [String: Source]
        /// How often it runs relative to the others.
        public let weight: Int

        /// Puts a query together.
        public init(sql: String, parameters: [String: Source], weight: Int) {
            self.sql = sql
            self.parameters = parameters
            self.weight = weight
        }
    }

    /// Its name.
    public let name: WorkloadName
    /// The database it runs on.
    public let target: TargetName
    /// The statements.
    public let queries: [Query]
    /// How many run at once.
    public let concurrency: Int
    /// Executions before measuring begins, which are thrown away.
    public let warmup: Int
    /// Executions that are measured.
    public let samples: Int
    /// Items of the source document.
    public let sources: [String]

    /// Puts a workload together.
    public init(
        name: WorkloadName,
        target: TargetName,
        queries: [Query],
        concurrency: Int,
        warmup: Int,
        samples: Int,
        sources: [String] = []
    ) {
        self.name = name
        self.target = target
        self.queries = queries
        self.concurrency = concurrency
        self.warmup = warmup
        self.samples = samples
        self.sources = sources
    }
}

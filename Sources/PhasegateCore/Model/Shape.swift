/// What a part of the rollout file may look like.
///
/// One description serves three readers: the loader, which reports unknown
/// keys and wrong values with their place; the JSON Schema that editors use;
/// and the pages under `docs/`. A plug-in's settings are a shape of its own.
public indirect enum Shape: Sendable {
    /// Free text.
    case text
    /// Letters, digits, `.`, `_`, `-`; begins with a letter or digit; at most 100 characters.
    case name
    /// A whole number within limits.
    case whole(ClosedRange<Int64>)
    /// Any finite number within limits.
    case number(ClosedRange<Double>)
    /// `true` or `false`.
    case truth
    /// A duration with its unit.
    case duration
    /// A number with its unit.
    case quantity
    /// A condition: see `Bound`.
    case bound
    /// A moment: a date, or date and time in UTC.
    case moment
    /// A time of day by the minute, as `07:30`; the last is `23:59`.
    case timeOfDay
    /// How far a clock is ahead of UTC, as `+01:00`; at most 14 hours either way.
    case utcOffset
    /// One of some words.
    case oneOf([String])
    /// A scalar of any kind.
    case scalar
    /// A list; a single value reads as a list of one where `orOne` says so.
    case list(Shape, orOne: Bool)
    /// A map with known keys.
    case map([Key])
    /// A map whose keys are names and whose values share a shape.
    case named(Shape)
    /// One of several shapes, told apart by the kind of node.
    case either(Shape, Shape)
    /// A probe: a map with `kind:`, shaped as that kind declares.
    case probe
    /// A notice channel: a map with `name:` and `kind:`, shaped as that kind declares.
    case channel
    /// A flag sink: a map with `name:` and `kind:`, shaped as that kind declares.
    case sink
    /// A source of observations: a map with `kind:`, shaped as that kind declares.
    case source

    /// A key of a map.
    public struct Key: Sendable {
        /// The key as written.
        public let name: String
        /// What its value may be.
        public let shape: Shape
        /// Whether it has to be there.
        public let isRequired: Bool
        /// What it means, in one sentence; shown by editors.
        public let summary: String

        /// Describes a key.
        public init(_ name: String, _ shape: Shape, required: Bool = false, _ summary: String) {
            self.name = name
            self.shape = shape
            isRequired = required
            self.summary = summary
        }
    }
}

/// What a probe can come out with; the bounds of its criteria are checked against it.
public enum ProbeOutput: Hashable, Sendable {
    /// Numbers of a dimension within a range, in the dimension's base unit.
    case number(Unit.Dimension, ClosedRange<Double>)
    /// One of some words.
    case words([String])
    /// A number of one dimension, or any word: what a query returns.
    case scalar(Unit.Dimension)
}

/// What the loader needs to know of a probe kind.
public struct ProbeDeclaration: Sendable {
    /// Its name in rollout files.
    public let name: ProbeName
    /// What it measures, in one sentence.
    public let summary: String
    /// The keys beside `kind:`.
    public let settings: [Shape.Key]
    /// What a criterion may compare its value with, with a guarantee.
    public let comparisons: [Criterion.Comparison]
    /// What it can come out with under given settings, or what is wrong with them.
    public let output: @Sendable (Setting) throws(Diagnostic) -> ProbeOutput

    /// Describes a probe kind.
    public init(
        name: ProbeName,
        summary: String,
        settings: [Shape.Key],
        comparisons: [Criterion.Comparison] = [],
        output: @escaping @Sendable (Setting) throws(Diagnostic) -> ProbeOutput
    ) {
        self.name = name
        self.summary = summary
        self.settings = settings
        self.comparisons = comparisons
        self.output = output
    }
}

import PhasegateCore

/// What a rollout file looks like, as one value.
///
/// The loader checks files against it, the JSON Schema for editors is printed
/// from it, and `docs/rollout-file.md` explains it.
enum RolloutGrammar {
    /// The version of the format that this grammar describes.
    static let version: Int64 = 1

    /// A whole rollout file.
    static let shape = Shape.map([
        Shape.Key("phasegate", .whole(version...version), required: true, "Version of the file format."),
        Shape.Key("rollout", .name, required: true, "Name of the rollout."),
        Shape.Key("title", .text, required: true, "What is rolled out, for people."),
        Shape.Key("document", .text, "The document the rollout was written from."),
        sources,
        Shape.Key("targets", .named(target), required: true, "The databases, by name."),
        Shape.Key("workloads", .named(workload), "Queries that stand for what the application does, by name."),
        Shape.Key("thresholds", .named(threshold), "Conditions that several criteria share, by name."),
        Shape.Key("flags", .named(flag), "Feature flags that the rollout moves, by key."),
        Shape.Key("components", .named(component), "Parts of the system the document describes, by name."),
        Shape.Key("phases", .list(phase, orOne: false), required: true, "The phases; 'needs' orders them."),
        Shape.Key("risks", .either(.text, register), "The risk register, or the path of a file that holds it."),
        Shape.Key(
            "notices",
            notices,
            "Who is told of what, where and when; a file for each notice unless said otherwise."
        ),
    ])

    /// A risk register, inline or as a file of its own.
    static let register = Shape.map([
        Shape.Key("grid", grid, required: true, "The scale: which likelihood and impact make which level."),
        Shape.Key("risks", .list(risk, orOne: false), required: true, "The risks."),
        Shape.Key("escalation", .list(escalation, orOne: false), "Who decides how fast, by level."),
        Shape.Key("loss", loss, "What it costs when risks become real."),
    ])

    /// Names of rules that say more than the general ones.
    static let rules = RuleNames(
        missing: ["source": "criterion-without-source"],
        range: ["steps": "bad-ramp", "phasegate": "unsupported-version"]
    )

    /// Engines whose databases are files.
    static let fileEngines = ["sqlite"]
    /// Engines whose databases are on servers.
    static let serverEngines = ["postgresql", "mariadb"]

    static let sources = Shape.Key(
        "source",
        .list(.text, orOne: true),
        "Items of the source document that ask for it."
    )

    private static let workload = Shape.map([
        Shape.Key("target", .name, required: true, "The database it runs on."),
        Shape.Key("concurrency", .whole(1...256), "How many queries run at once; 1 unless said otherwise."),
        Shape.Key("warmup", .whole(0...1_000_000), "Executions thrown away first; 20 unless said otherwise."),
        Shape.Key("samples", .whole(1...1_000_000), "Executions measured; 200 unless said otherwise."),
        sources,
        Shape.Key("queries", .list(query, orOne: false), required: true, "The statements."),
    ])

    private static let query = Shape.map([
        Shape.Key("sql", .text, required: true, "The statement, with parameters as ':name'."),
        Shape.Key("parameters", .named(parameter), "Where the parameters' values come from, by name."),
        Shape.Key("weight", .whole(1...10_000), "How often it runs relative to the others; 1 unless said otherwise."),
    ])

    private static let parameter = Shape.map([
        Shape.Key("from", .text, "A query; its first column is drawn from at random."),
        Shape.Key("values", .list(.scalar, orOne: false), "A list that is drawn from at random."),
        Shape.Key(
            "range",
            .list(.whole(Int64.min...Int64.max), orOne: false),
            "Two whole numbers; drawn from evenly, both included."
        ),
    ])

    private static let threshold = Shape.map(
        bounds + [
            Shape.Key("provided-by", .name, "The phase that puts the measuring in place."),
            sources,
        ]
    )

    private static let flag = Shape.map([
        Shape.Key(
            "store",
            .text,
            required: true,
            "The flag store the application reads, relative to the rollout file."
        ),
        Shape.Key("salt", .text, "What is mixed into the hash; the flag's key unless said otherwise."),
        Shape.Key(
            "algorithm",
            .oneOf(FlagAlgorithm.allCases.map(\.rawValue)),
            "How users draw their lots, after flagd's generations; flagd-v2 unless said otherwise."
        ),
        Shape.Key(
            "bucket-by",
            .text,
            "Who draws a lot: 'targetingKey' unless an attribute of the context is named, as 'tenant'."
        ),
        Shape.Key(
            "cohort",
            .oneOf(["percent", "ranked"]),
            "Whether anybody can be in a share, or the first of 'members'; percent unless said otherwise."
        ),
        Shape.Key("members", .list(.text, orOne: false), "The keys that a ranked cohort is taken from."),
        Shape.Key("deny", .list(.text, orOne: true), "Keys that are never exposed."),
        Shape.Key("allow", .list(.text, orOne: true), "Keys that are exposed with the first share."),
        Shape.Key("sinks", .list(.sink, orOne: true), "Other places that learn of its share."),
        Shape.Key("title", .text, "What the flag switches, for people."),
        sources,
    ])

    private static let component = Shape.map([
        Shape.Key("text", .text, required: true, "What it is for."),
        Shape.Key("uses", .list(.text, orOne: true), "Components it leans on."),
        Shape.Key("provided-by", .name, "The phase that provides it."),
        sources,
    ])
}

import PhasegateCore

/// The kinds of probes, notice channels, flag sinks and sources of observations there are, as one mechanism checks and describes them.
struct PlugIns {
    /// One kind.
    struct Kind {
        /// What follows `kind:`.
        let name: String
        /// What it does, in one sentence.
        let summary: String
        /// The keys beside the common ones.
        let settings: [Shape.Key]
        /// What it can come out with under settings of the right shape, or what is wrong with them.
        let output: (Setting) throws(Diagnostic) -> ProbeOutput?
    }

    /// All kinds of one sort of plug-in.
    struct Family {
        /// What people call one of them.
        let word: String
        /// The rule that an unknown kind breaks.
        let unknownKindRule: String
        /// The keys of every kind, `kind` among them.
        let commonKeys: [Shape.Key]
        /// The kinds, in the order in which they are listed to people.
        let kinds: [Kind]
    }

    /// The probes.
    let probes: Family
    /// The notice channels.
    let channels: Family
    /// The flag sinks.
    let sinks: Family
    /// The sources of observations.
    let sources: Family

    /// Brings declarations of all sorts into one form.
    init(
        probes: [ProbeDeclaration],
        channels: [ChannelDeclaration],
        sinks: [FlagSinkDeclaration],
        sources: [ObservationSourceDeclaration]
    ) {
        self.probes = Family(
            word: "probe",
            unknownKindRule: "unknown-probe",
            commonKeys: [Shape.Key("kind", .name, required: true, "Which probe measures.")],
            kinds: probes.map { probe in
                Kind(name: probe.name.rawValue, summary: probe.summary, settings: probe.settings) {
                    settings throws(Diagnostic) in try probe.output(settings)
                }
            }
        )
        self.channels = Family(
            word: "channel",
            unknownKindRule: "unknown-channel-kind",
            commonKeys: [
                Shape.Key("name", .name, required: true, "Its name within the rollout; routes and roles use it."),
                Shape.Key("kind", .name, required: true, "How it reaches people."),
            ],
            kinds: channels.map { channel in
                Kind(name: channel.kind, summary: channel.summary, settings: channel.settings) {
                    settings throws(Diagnostic) in
                    try channel.check(settings)
                    return nil
                }
            }
        )
        self.sinks = Family(
            word: "flag sink",
            unknownKindRule: "unknown-sink-kind",
            commonKeys: [
                Shape.Key("name", .name, required: true, "Its name within the flag; evidence uses it."),
                Shape.Key("kind", .name, required: true, "Which flag system or table it writes."),
            ],
            kinds: sinks.map { sink in
                Kind(name: sink.kind, summary: sink.summary, settings: sink.settings) {
                    settings throws(Diagnostic) in
                    try sink.check(settings)
                    return nil
                }
            }
        )
        self.sources = Family(
            word: "source of observations",
            unknownKindRule: "unknown-source-kind",
            commonKeys: [Shape.Key("kind", .name, required: true, "Where observations come from.")],
            kinds: sources.map { source in
                Kind(name: source.kind, summary: source.summary, settings: source.settings) {
                    settings throws(Diagnostic) in
                    try source.check(settings)
                    return nil
                }
            }
        )
    }
}

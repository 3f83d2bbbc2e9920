public import PhasegateCore

/// The kinds of probes that a rollout may ask for.
public struct ProbeKinds: Sendable {
    /// Those that need nothing but sessions, in the order of the documentation.
    ///
    /// A new kind is one file and one line here.
    public static let builtIn = ProbeKinds([
        ScalarProbe.self,
        RowCountProbe.self,
        ContentHashProbe.self,
        ComparisonProbe.self,
        IntegrityProbe.self,
        SchemaProbe.self,
        ConversionProbe.self,
        DeletionProbe.self,
        ExplainProbe.self,
        LatencyProbe.self,
        ThroughputProbe.self,
        RecallProbe.self,
        BackupProbe.self,
        RestoreDrillProbe.self,
        DiskProbe.self,
        ActivityProbe.self,
        SlowerStatementsProbe.self,
        FlagProbe.self,
        CommandProbe.self,
        AttestationProbe.self,
    ])

    /// All of them.
    public let all: [any ProbeKind.Type]

    /// Puts kinds together.
    public init(_ all: [any ProbeKind.Type]) { self.all = all }

    /// These and others, which come from a module that this one does not know.
    public func adding(_ others: [any ProbeKind.Type]) -> ProbeKinds { ProbeKinds(all + others) }

    /// What the rollout loader needs to know of them.
    public var declarations: [ProbeDeclaration] { all.map { $0.declaration } }

    /// Makes a probe.
    ///
    /// - Parameter spec: kind and settings.
    /// - Returns: the probe.
    /// - Throws: `Diagnostic` for an unknown kind, with the nearest one, or settings that do not fit.
    public func probe(_ spec: Criterion.ProbeSpec) throws(Diagnostic) -> any ProbeKind {
        guard let kind = all.first(where: { $0.name == spec.kind }) else {
            throw Diagnostic(
                rule: "unknown-probe",
                "there is no probe kind '\(spec.kind)'",
                hint: nearest(to: spec.kind.rawValue, among: all.map { $0.name.rawValue }).map {
                    "did you mean '\($0)'?"
                }
            )
        }
        return try kind.init(spec.settings)
    }
}

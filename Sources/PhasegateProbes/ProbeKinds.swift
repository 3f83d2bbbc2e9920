public import PhasegateCore

/// The kinds of probes there are.
public enum ProbeKinds {
    /// All of them, in the order of the documentation.
    ///
    /// A new kind is one file and one line here.
    public static let builtIn: [any ProbeKind.Type] = [
        ScalarProbe.self,
        RowCountProbe.self,
        ContentHashProbe.self,
        IntegrityProbe.self,
        SchemaProbe.self,
        ExplainProbe.self,
        LatencyProbe.self,
        ThroughputProbe.self,
        BackupProbe.self,
        DiskProbe.self,
        ActivityProbe.self,
        FlagProbe.self,
        CommandProbe.self,
        AttestationProbe.self,
    ]

    /// What the rollout loader needs to know of them.
    public static var declarations: [ProbeDeclaration] { builtIn.map { $0.declaration } }

    /// Makes a probe.
    ///
    /// - Parameter spec: kind and settings.
    /// - Returns: the probe.
    /// - Throws: `Diagnostic` for an unknown kind, with the nearest one, or settings that do not fit.
    public static func probe(_ spec: Criterion.ProbeSpec) throws(Diagnostic) -> any ProbeKind {
        guard let kind = builtIn.first(where: { $0.name == spec.kind }) else {
            throw Diagnostic(
                rule: "unknown-probe",
                "there is no probe kind '\(spec.kind)'",
                hint: nearest(to: spec.kind.rawValue, among: builtIn.map { $0.name.rawValue }).map {
                    "did you mean '\($0)'?"
                }
            )
        }
        return try kind.init(spec.settings)
    }
}

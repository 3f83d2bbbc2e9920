import PhasegateCore

/// A definition file of flagd, for its daemon and its providers in file mode; see `FlagdDefinition`.
struct FlagdFileSink: FlagFileSinkKind {
    static let declaration = FlagSinkDeclaration(
        kind: "flagd-file",
        summary: "Writes a definition file of flagd, for its daemon and its providers in file mode.",
        settings: [
            Shape.Key("path", .text, required: true, "The file, of this flag alone, relative to the workspace."),
            Shape.Key("poll", .duration, "How long applications take to notice; 5 s unless said otherwise."),
        ],
        resolution: BasisPoints(rawValue: 1),
        check: { settings throws(Diagnostic) in try FollowedFile.check(settings) },
        objection: { key, draw in
            guard !FlagdDefinition.canDraw(key, by: draw) else { return nil }
            return "cannot draw by another salt or key: flagd's third generation hashes no pair but the flag's key "
                + "and the targeting key (use 'cohort: ranked', or an older algorithm)"
        }
    )
    static let missingKey = "The safe variant, except with everybody."

    let followed: FollowedFile

    init(_ sink: Rollout.Flag.Sink, of flag: FlagKey, in context: FlagSinkContext) throws(Diagnostic) {
        followed = try FollowedFile(sink, in: context, poll: .seconds(5))
    }

    func content(for rule: FlagRule) -> String { FlagdDefinition.text(for: [rule]) }
}

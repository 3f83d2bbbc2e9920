public import PhasegateCore

/// A way of measuring.
///
/// One file and one line in `ProbeKinds.builtIn`.
///
/// A kind is made from its settings, which have been checked against
/// `settings`, and measures without changing what it measures.
public protocol ProbeKind: Sendable {
    /// Its name in rollout files.
    static var name: ProbeName { get }

    /// What it measures, in one sentence.
    static var summary: String { get }

    /// The keys it takes beside `kind:`.
    static var settings: [Shape.Key] { get }

    /// What a criterion may compare its value with, with a guarantee; nothing for most.
    static var comparisons: [Criterion.Comparison] { get }

    /// Reads the settings.
    ///
    /// - Throws: `Diagnostic` for what the shape cannot say, as two settings that exclude each other.
    init(_ settings: Setting) throws(Diagnostic)

    /// What it can come out with under these settings.
    var output: ProbeOutput { get }

    /// Measures once.
    ///
    /// - Throws: `ProbeError` when there is no value; the deadline is kept by what it calls.
    func measure(in context: ProbeContext) async throws(ProbeError) -> Measurement
}

extension ProbeKind {
    /// Nothing.
    public static var comparisons: [Criterion.Comparison] { [] }

    /// What the rollout loader needs to know.
    public static var declaration: ProbeDeclaration {
        ProbeDeclaration(name: name, summary: summary, settings: settings, comparisons: comparisons) {
            (setting) throws(Diagnostic) in
            try Self(setting).output
        }
    }
}

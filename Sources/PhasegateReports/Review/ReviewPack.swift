public import PhasegateCore

/// Occasions on which people come together over a rollout; each has its agenda.
public enum ReviewPack: Hashable, Sendable {
    /// Every week: register, mitigations, timeline, people, communication.
    case weeklyRiskReview
    /// After a phase: what was planned, what was measured, what is left.
    case postPhaseReview(PhaseName)
    /// After the last phase, or when the rollout ended otherwise: what is to be learned.
    case postImplementationReview

    /// Name on the command line, as `weekly-risk-review`.
    public var name: String {
        switch self {
        case .weeklyRiskReview: "weekly-risk-review"
        case .postPhaseReview: "post-phase-review"
        case .postImplementationReview: "post-implementation-review"
        }
    }

    /// Name of its files without the ending; a phase's letters that no file name should have become `_`.
    public var fileName: String {
        guard case .postPhaseReview(let phase) = self else { return name }
        let letters = phase.rawValue.unicodeScalars.prefix(100).map { scalar -> Character in
            let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
            return isPlain || scalar == "-" || scalar == "." ? Character(scalar) : "_"
        }
        return "\(name)-\(String(letters))"
    }
}

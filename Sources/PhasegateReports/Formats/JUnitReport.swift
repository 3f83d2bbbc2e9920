public import PhasegateCore

/// JUnit XML for CI servers.
///
/// A suite per phase; a case per criterion and per step. What was weighed but
/// not measured is an `error`, never a pass. See `docs/formats/junit.md`.
public struct JUnitReport: ReportFormat {
    /// Largest file unless something else is asked for, in bytes; GitLab takes three times as much.
    public static let defaultLimit = 10_000_000

    /// Name on the command line: `junit`, `junit-ant` or `junit-ci`.
    public var name: String { profile == .xunit ? "junit" : "junit-\(profile.rawValue)" }

    /// Which readers it is for.
    public let profile: JUnitProfile
    /// Bytes the file stays below; nothing for no limit.
    ///
    /// Texts are shortened for it, never cases left out: many cases alone can
    /// be more.
    public let limit: Int?

    /// Makes the format.
    ///
    /// - Parameters:
    ///   - profile: which readers it is for.
    ///   - limit: bytes the file stays below; nothing for no limit.
    public init(profile: JUnitProfile = .xunit, limit: Int? = Self.defaultLimit) {
        self.profile = profile
        self.limit = limit
    }

    /// Renders the report into one file named after the format, as `junit.xml`.
    ///
    /// - Parameter report: what is shown.
    /// - Returns: one file, which is written as it is read; reading it throws when libxml2 runs out of memory.
    public func render(_ report: RolloutReport) -> [ReportFile] {
        let document = JUnitDocument(report: report, profile: profile, limit: limit)
        return [ReportFile(name: "\(name).xml") { try document.write(to: $0) }]
    }
}

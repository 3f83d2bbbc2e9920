import FoundationEssentials
import PhasegateControl
import PhasegateCore
import PhasegateFiles
import PhasegateReports

/// What a verb writes beside the report directory.
struct ExtraReports {
    /// A file for JUnit XML, and its dialect.
    var junit: (path: String, profile: JUnitProfile)?
}

// Reports out of the ledger.
extension Assembly {
    /// Builds the report and writes it in some formats.
    ///
    /// - Parameters:
    ///   - formats: what goes into the report directory.
    ///   - ledger: what it is built from.
    ///   - extra: what goes elsewhere.
    /// - Returns: the paths.
    /// - Throws: `ReportWriteError` or `TemplateError`; what was there before is untouched then.
    func writeReports(
        _ formats: [any ReportFormat],
        from ledger: any SharedLedger,
        extra: ExtraReports = ExtraReports()
    ) async throws -> [String] {
        let report = try await report(from: ledger)
        var paths = try ReportDirectory.write(try await rendered(formats, report), into: places.reports)
        if let (path, profile) = extra.junit {
            let name = path.split(separator: "/").last.map(String.init) ?? path
            let rendered = JUnitReport(profile: profile).render(report).map { $0.renamed(name) }
            paths += try ReportDirectory.write(rendered, into: RolloutOptions.directory(of: path))
        }
        return paths
    }

    /// Each format beside the others; the page is most of the work.
    private func rendered(_ formats: [any ReportFormat], _ report: RolloutReport) async throws -> [ReportFile] {
        try await withThrowingTaskGroup(of: (Int, [ReportFile]).self) { group in
            for (index, format) in formats.enumerated() {
                group.addTask { (index, try format.render(report)) }
            }
            var files = [[ReportFile]](repeating: [], count: formats.count)
            while let (index, those) = try await group.next() { files[index] = those }
            return files.flatMap(\.self)
        }
    }

    /// The report as the ledger has it now, with what changed since the report that lies in the report directory.
    func report(from ledger: any SharedLedger) async throws -> RolloutReport {
        let path = places.reports + "/report.json"
        async let previous = Self.previousReport(at: path)
        let state = try await ledger.state(of: rollout.name)
        let entries = try await ledger.entries(of: rollout.name)
        let places = loaded.places
        let builder = ReportBuilder(
            rollout: rollout,
            planFindings: findings,
            version: phasegateVersion,
            planDigest: planDigest()
        ) { places["phases/\($0)/\($1)"] }
        return builder.report(on: state, entries: entries, at: wallClock(), previous: await previous)
    }

    /// The report before this one; an unreadable one, or one of another version, is as good as none.
    private static func previousReport(at path: String) -> RolloutReport? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        let report = try? JSONDecoder().decode(RolloutReport.self, from: data)
        return report?.format == RolloutReport.formatVersion ? report : nil
    }
}

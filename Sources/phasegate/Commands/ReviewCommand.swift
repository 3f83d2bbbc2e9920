import ArgumentParser
import PhasegateCore
import PhasegateReports

/// Fills the agenda of a review from history.
struct ReviewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "review",
        abstract: "Fill the agenda of a review from history, as a page and as Markdown."
    )

    /// The occasions there are.
    enum Occasion: String, ExpressibleByArgument, CaseIterable {
        case weekly
        case phase
        case closing
    }

    @OptionGroup var options: RolloutOptions

    @Option(help: "weekly (risks of the last days), phase (after one phase) or closing (after all of them).")
    var occasion: Occasion = .weekly

    @Option(help: "Which phase, for --occasion phase; the last one entered by default.")
    var phase: String?

    @Option(help: "A directory of templates that replace the built-in ones of the same name.")
    var templates: String?

    @Option(help: "How far the weekly review looks back.")
    var since: String = "7 days"

    func run() async throws {
        guard let span = Duration(text: since) else {
            throw Failure(.usage, "'\(since)' is no duration; write '7 days'")
        }
        let assembly = try Assembly(options)
        let report = try await assembly.report(from: assembly.ledger(creating: false))
        let review = try Review(
            pack(for: report),
            of: report,
            since: occasion == .weekly ? report.generatedAt + (.zero - span) : nil
        )
        for path in try ReportDirectory.write(review.files(templates: templates), into: assembly.places.reports) {
            Terminal.standard.line("wrote \(path)")
        }
    }

    private func pack(for report: RolloutReport) throws -> ReviewPack {
        switch occasion {
        case .weekly: return .weeklyRiskReview
        case .closing: return .postImplementationReview
        case .phase:
            let names = report.phases.map(\.name.rawValue)
            guard let name = phase ?? report.phases.last(where: { $0.from != nil })?.name.rawValue else {
                throw Failure(.badInput, "no phase has been entered yet")
            }
            guard names.contains(name) else {
                let near = nearest(to: name, among: names).map { "; did you mean '\($0)'?" } ?? ""
                throw Failure(.badInput, "the rollout has no phase '\(name)'\(near)")
            }
            return .postPhaseReview(PhaseName(rawValue: name))
        }
    }
}

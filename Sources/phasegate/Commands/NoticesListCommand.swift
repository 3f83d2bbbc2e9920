import ArgumentParser
import PhasegateCore

/// The notices with what came of them.
struct NoticesListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "The notices as sent, with delivery and acknowledgement, oldest first."
    )

    @OptionGroup var options: RolloutOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let assembly = try Assembly(options)
        let notices = try await assembly.report(from: assembly.ledger(creating: false)).notices
        if output.json {
            try printJSON(notices)
            return
        }
        let terminal = Terminal.standard
        if notices.isEmpty { terminal.line("nobody was told anything yet") }
        for line in notices {
            let notice = line.notice
            terminal.line(
                "\(notice.raisedAt.forPeople)  \(column(notice.kind.rawValue, 9)) \(column(notice.level, 6)) \(harmless(notice.title))"
            )
            terminal.line("  about \(notice.episode), \(harmless(notice.reason))")
            for carrier in line.carriers {
                let time = carrier.at.map { " \($0.forPeople)" } ?? ""
                let answer = carrier.answer.isEmpty ? "" : ": \(harmless(carrier.answer))"
                terminal.line("  \(column(carrier.channel.rawValue, 14)) \(carrier.progress.rawValue)\(time)\(answer)")
            }
            if let acknowledgement = line.acknowledgement {
                terminal.line(
                    "  acknowledged by \(harmless(acknowledgement.by)): \(harmless(acknowledgement.because))"
                )
            }
        }
    }
}

import ArgumentParser
import FoundationEssentials
import PhasegateCore
import PhasegateNotices

/// Proves that notices arrive before one is needed (S2-106).
struct NoticesTestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Send a synthetic alert through every channel and say whether it arrived.",
        discussion: """
            Nothing is written to the ledger and no alert is opened. Exit status 0 when every channel took it, 69 when \
            one did not.
            """
    )

    @OptionGroup var options: RolloutOptions
    @OptionGroup var output: OutputOptions

    @Option(help: "Only this channel.")
    var channel: String?

    @Flag(help: "Send nothing; print what would be sent, secrets masked.")
    var dryRun = false

    private struct Result: Codable {
        let channel: ChannelName
        let arrived: Bool
        let milliseconds: Int64
        let answer: String
    }

    private struct Preview: Codable {
        let channel: ChannelName
        let preview: String
    }

    func run() async throws {
        let assembly = try Assembly(options)
        let channels = try chosen(from: assembly.noticeChannels())
        let notice = try Self.notice(for: assembly.rollout, at: wallClock())
        if dryRun {
            try show(try channels.map { try preview($0, notice) })
            return
        }
        var results: [Result] = []
        for channel in channels { results.append(await send(notice, through: channel)) }
        if output.json {
            try printJSON(results)
        } else {
            for result in results {
                let word = result.arrived ? "arrived" : "FAILED"
                Terminal.standard.line(
                    "\(column(result.channel.rawValue, 20)) \(column(word, 8)) \(result.milliseconds) ms  \(harmless(result.answer))"
                )
            }
        }
        guard results.allSatisfy(\.arrived) else { throw ExitStatus.unreachable.code }
    }

    private func chosen(from channels: [any NoticeChannel]) throws -> [any NoticeChannel] {
        guard let channel else { return channels }
        let found = channels.filter { $0.name.rawValue == channel }
        guard found.isEmpty else { return found }
        let names = channels.map(\.name.rawValue)
        let near = nearest(to: channel, among: names).map { "did you mean '\($0)'? " } ?? ""
        throw Failure(
            .badInput,
            "the rollout has no channel '\(channel)'; \(near)there are \(names.joined(separator: ", "))"
        )
    }

    private func preview(_ channel: any NoticeChannel, _ notice: Notice) throws -> Preview {
        do {
            let text = try channel.preview(notice, attempt: DeliveryAttempt(number: 1, at: wallClock()))
            return Preview(channel: channel.name, preview: text)
        } catch {
            throw Failure(.badInput, "channel '\(channel.name)': \(error.message)")
        }
    }

    private func show(_ previews: [Preview]) throws {
        if output.json { return try printJSON(previews) }
        let terminal = Terminal.standard
        for preview in previews {
            terminal.line("--- \(preview.channel)")
            for line in preview.preview.split(separator: "\n", omittingEmptySubsequences: false) {
                terminal.line(harmless(String(line)))
            }
        }
    }

    private func send(_ notice: Notice, through channel: any NoticeChannel) async -> Result {
        let start = ContinuousClock.now
        let answer: String
        let arrived: Bool
        do {
            answer = try await channel.send(notice, attempt: DeliveryAttempt(number: 1, at: wallClock()))
            arrived = true
        } catch {
            answer = error.message
            arrived = false
        }
        let took = (ContinuousClock.now - start).milliseconds
        return Result(channel: channel.name, arrived: arrived, milliseconds: took, answer: answer)
    }

    /// An alert that nobody can mistake for a real one, in the shape of the real ones.
    private static func notice(for rollout: Rollout, at moment: Moment) throws -> Notice {
        let level = rollout.register.grid.levels.first ?? "LOW"
        let words = try RiskAlertTemplate.render(
            RiskAlert(
                riskID: "TEST",
                riskName: "synthetic alert, nothing is wrong",
                severity: ["HIGH", "MEDIUM", "LOW"].contains(level) ? level : "LOW",
                probability: "0 %",
                impact: "none",
                status: "somebody tests whether the notices of rollout '\(rollout.name)' arrive",
                actions: ["none"],
                resolutionTime: "\(moment.forPeople) UTC",
                nextUpdate: "none",
                contact: "whoever ran 'phasegate notices test'",
                channel: "this channel"
            )
        )
        let id = "\(rollout.name).test.\(String(moment.milliseconds, radix: 36))"
        return Notice(
            id: NoticeID(rawValue: id),
            episode: EpisodeKey(rawValue: "\(rollout.name)/test"),
            kind: .test,
            reason: "somebody tests whether notices arrive",
            level: level,
            rollout: rollout.name,
            audience: [],
            title: words.title,
            body: words.body,
            startedAt: moment,
            raisedAt: moment
        )
    }
}

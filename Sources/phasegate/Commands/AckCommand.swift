import ArgumentParser
import PhasegateCore

/// Takes care of something people were told of.
struct AckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ack",
        abstract: "Take care of an alert: ends its repetition and keeps it from being passed on.",
        discussion: "Without ALERT the one open alert is meant. 'phasegate notices list' shows those there are."
    )

    @OptionGroup var options: RolloutOptions

    @Argument(help: "Which alert: its risk, as Q03, or its whole name, as quantumleap/query-optimisation/Q03.")
    var alert: String?

    @OptionGroup var person: PersonOptions

    func run() async throws {
        let desk = try await Person(options)
        let episode = try episode(in: desk.state.outbox)
        let acknowledgement = Acknowledgement(
            episode: episode,
            by: person.by,
            because: person.because,
            at: wallClock()
        )
        try await desk.write(.acknowledged(acknowledgement), by: person.by, "acknowledged \(episode)")
    }

    private func episode(in outbox: Outbox) throws -> EpisodeKey {
        let open = outbox.episodes.keys.sorted()
        guard !open.isEmpty else { throw Failure(.badInput, "no alert is open") }
        let list = open.map(\.rawValue).joined(separator: ", ")
        guard let alert else {
            guard open.count == 1 else { throw Failure(.badInput, "several alerts are open, name one: \(list)") }
            return open[0]
        }
        let matching = open.filter { $0.rawValue == alert || $0.rawValue.hasSuffix("/" + alert) }
        guard matching.count == 1 else {
            let why = matching.isEmpty ? "no alert '\(alert)' is open" : "'\(alert)' fits several alerts"
            throw Failure(.badInput, "\(why); open are: \(list)")
        }
        return matching[0]
    }
}

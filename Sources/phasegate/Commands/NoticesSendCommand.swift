import ArgumentParser
import PhasegateControl
import PhasegateCore

/// Sends what is due while no rollout is driven; for a timer.
struct NoticesSendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Send what is due: retries, repetitions, and alerts that nobody acknowledged in time.",
        discussion: """
            A rollout that is being driven sends its notices itself. Let a timer call this every few minutes while none \
            is. Exit status 0 when nothing is left to send now, 69 when something could not be delivered.
            """
    )

    @OptionGroup var options: RolloutOptions

    func run() async throws {
        let assembly = try Assembly(options)
        let ledger = try await assembly.ledger(creating: false)
        try await assembly.enterPendingKills(into: ledger)
        let name = assembly.rollout.name
        let dispatcher = try assembly.dispatcher(ledger)
        try await ledger.takeLease(on: name, holder: controllerName(), at: wallClock())
        let before = try await ledger.state(of: name)
        let due = assembly.alerting().events(for: before, of: assembly.rollout, at: wallClock())
        if !due.isEmpty { try await ledger.append(due, to: name, by: controllerName(), at: wallClock()) }
        try await dispatcher.deliverDue()
        let entries = try await ledger.entries(of: name, after: before.sequence)
        let left = try await ledger.state(of: name).outbox
        await ledger.releaseLease()
        // What failed may have been tried again meanwhile: the last word on each counts.
        var outcomes: [Carriage: Delivery.Outcome] = [:]
        for case .delivered(let delivery) in entries.map(\.event) {
            Terminal.standard.line("\(delivery.notice) \(delivery.channel): \(harmless(delivery.outcome.sentence))")
            outcomes[Carriage(notice: delivery.notice, channel: delivery.channel)] = delivery.outcome
        }
        Terminal.standard.line(
            "\(due.count) raised, \(left.pending.count) not delivered yet, \(left.episodes.count) alerts open"
        )
        guard outcomes.values.allSatisfy(\.hasArrived) else { throw ExitStatus.unreachable.code }
    }

    /// A notice on one of its ways.
    private struct Carriage: Hashable {
        let notice: NoticeID
        let channel: ChannelName
    }
}

extension Delivery.Outcome {
    /// For people.
    var sentence: String {
        switch self {
        case .arrived(let answer): answer.isEmpty ? "arrived" : "arrived: \(answer)"
        case .failed(let why, let retryAt, _): "not delivered, tried again at \(retryAt.forPeople) UTC: \(why)"
        case .dead(let why): "given up: \(why)"
        case .closed(let why): "given up, and the channel closed: \(why)"
        case .dropped(let why): "not sent: \(why)"
        }
    }

    fileprivate var hasArrived: Bool {
        switch self {
        case .arrived, .dropped: true
        case .failed, .dead, .closed: false
        }
    }
}

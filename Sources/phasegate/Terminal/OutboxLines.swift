import PhasegateCore

/// What people were told and nobody answered, and what has not arrived yet.
struct OutboxLines {
    let lines: [String]

    init(_ outbox: Outbox, rollout: String) {
        var lines: [String] = []
        for (key, episode) in outbox.episodes.sorted(by: { $0.key < $1.key }) {
            if let acknowledgement = episode.acknowledgement {
                lines.append("alert   \(episode.level) \(key), taken up by \(harmless(acknowledgement.by))")
            } else {
                let end = episode.acknowledgeBy.map { ", to be answered before \($0.forPeople) UTC" } ?? ""
                lines.append("alert   \(episode.level) \(key)\(end)")
            }
        }
        if outbox.episodes.values.contains(where: { $0.acknowledgement == nil }) {
            lines.append("        phasegate ack \(rollout) --by NAME --because REASON")
        }
        if let next = outbox.nextDueAt() {
            let count = outbox.pending.count
            lines.append(
                "\(count == 1 ? "1 notice is" : "\(count) notices are") not delivered yet; from \(next.forPeople) UTC on: phasegate notices send \(rollout)"
            )
        }
        self.lines = lines
    }
}

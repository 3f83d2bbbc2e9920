import PhasegateCore

/// What people were told, and what came of telling them.
struct NoticeHistory {
    private struct Told {
        let notice: Notice
        var carriers: [RolloutReport.NoticeReport.Carrier]
        var acknowledgement: Acknowledgement?
    }

    private var told: [Told] = []
    private var places: [NoticeID: Int] = [:]
    /// Notices of episodes that go on, by their place.
    private var open: [EpisodeKey: [Int]] = [:]

    /// All notices in the order they were raised.
    var reports: [RolloutReport.NoticeReport] {
        told.map {
            RolloutReport.NoticeReport(
                notice: $0.notice,
                carriers: $0.carriers,
                acknowledgement: $0.acknowledgement
            )
        }
    }

    /// Reads one entry; a notice that was never raised and a carrier that was never asked are passed over.
    mutating func read(_ entry: LedgerEntry) {
        switch entry.event {
        case .raised(let notice, let assignments):
            raise(notice, assignments)
        case .delivered(let delivery):
            guard let place = places[delivery.notice],
                let index = told[place].carriers.firstIndex(where: { $0.channel == delivery.channel }),
                told[place].carriers[index].progress == .waiting
            else { return }
            told[place].carriers[index] = delivery.carrier(at: entry.at)
        case .acknowledged(let acknowledgement):
            for place in open[acknowledgement.episode] ?? [] { told[place].acknowledgement = acknowledgement }
        case .opened, .planChanged, .entered, .gateDefined, .weighed, .decided, .baselinesFrozen, .intended, .acted,
            .failed, .undoing, .phaseFinished, .settled, .requested, .resumed, .approved, .attested, .waived, .noticed:
            break
        }
    }

    private mutating func raise(_ notice: Notice, _ assignments: [Assignment]) {
        places[notice.id] = told.count
        if notice.kind == .resolved {
            open[notice.episode] = nil
        } else {
            open[notice.episode, default: []].append(told.count)
        }
        told.append(
            Told(
                notice: notice,
                carriers: assignments.map {
                    RolloutReport.NoticeReport.Carrier(
                        channel: $0.channel,
                        progress: .waiting,
                        attempts: 0,
                        at: $0.dueAt,
                        answer: ""
                    )
                }
            )
        )
    }
}

extension Delivery {
    fileprivate func carrier(at moment: Moment) -> RolloutReport.NoticeReport.Carrier {
        let (progress, at, answer): (RolloutReport.NoticeReport.Carrier.Progress, Moment, String) =
            switch outcome {
            case .arrived(let answer): (.arrived, moment, answer)
            case .failed(let why, let retryAt, _): (.waiting, retryAt, why)
            case .dead(let why), .closed(let why): (.dead, moment, why)
            case .dropped(let why): (.dropped, moment, why)
            }
        return RolloutReport.NoticeReport.Carrier(
            channel: channel,
            progress: progress,
            attempts: attempt,
            at: at,
            answer: answer
        )
    }
}

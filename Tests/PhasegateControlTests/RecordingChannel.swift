import PhasegateCore
import Synchronization

/// Keeps notices, or refuses them.
final class RecordingChannel: NoticeChannel {
    struct Refused: Error, CustomStringConvertible {
        let description = "the mail server is away"
    }

    let name = "recording"
    private let inside = Mutex<(notices: [Notice], refuses: Bool)>(([], false))

    var notices: [Notice] { inside.withLock(\.notices) }

    func refuse() { inside.withLock { $0.refuses = true } }

    func send(_ notice: Notice) async throws {
        let refuses = inside.withLock { inside in
            if !inside.refuses { inside.notices.append(notice) }
            return inside.refuses
        }
        if refuses { throw Refused() }
    }
}

import FoundationEssentials
import PhasegateCore
import PhasegateFlags
import Synchronization

/// Something to wait for.
final class Gate: Sendable {
    private let state = Mutex<(isOpen: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    var isOpen: Bool { state.withLock { $0.isOpen } }

    func open() {
        let waiting = state.withLock { state in
            defer { state = (true, []) }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}

/// A sink in memory that holds the share as text, and misbehaves as it is told.
final class FakeSink: FlagSink {
    static let declaration = FlagSinkDeclaration(
        kind: "fake",
        summary: "Holds a share in memory.",
        settings: [],
        resolution: BasisPoints(rawValue: 1)
    )

    let name: String
    let propagation: Duration
    private let swallows: Bool
    private let hangs: Bool
    private let isUnreadable: Bool
    private let gate = Gate()
    private let begun = Mutex(false)
    private let state: Mutex<(held: String?, failures: Int, writes: Int)>

    init(
        _ name: String,
        propagation: Duration = .zero,
        failures: Int = 0,
        swallows: Bool = false,
        hangs: Bool = false,
        isUnreadable: Bool = false
    ) {
        self.name = name
        self.propagation = propagation
        self.swallows = swallows
        self.hangs = hangs
        self.isUnreadable = isUnreadable
        state = Mutex((nil, failures, 0))
    }

    var held: String? { state.withLock { $0.held } }
    var writes: Int { state.withLock { $0.writes } }

    func hold(_ text: String?) { state.withLock { $0.held = text } }

    func release() { gate.open() }

    func content(for rule: FlagRule) -> String { "\(rule.share.rawValue)" }

    func read() async throws(FlagError) -> String? {
        if isUnreadable { throw FlagError(.unreadable, "no permission") }
        return held
    }

    /// Whether somebody waits in `write`, or has.
    var isWriting: Bool { begun.withLock { $0 } }

    func write(_ rule: FlagRule, over seen: String?) async throws(FlagError) {
        begun.withLock { $0 = true }
        if hangs { await gate.wait() }
        let isFailing = state.withLock { state in
            state.writes += 1
            state.failures -= 1
            if state.failures < 0, !swallows { state.held = content(for: rule) }
            return state.failures >= 0
        }
        if isFailing { throw FlagError(.notWritten, "the network is down") }
    }
}

import PhasegateCore
import PhasegateTesting
import Testing

/// A ledger in a place of its own, and a way past the ledger into it.
protocol LedgerBench: Sendable {
    /// A ledger on that place, as another process would have it.
    func open(creating: Bool) async throws -> any SharedLedger

    /// Runs SQL on the ledger's tables, past the ledger.
    ///
    /// - Returns: the rows' values as text.
    /// - Throws: `RawError` with the engine's words.
    @discardableResult
    func raw(_ sql: String) async throws -> [[String?]]

    /// Takes away what keeps entries from being changed, and changes them.
    func tamper(_ sql: String) async throws

    /// Makes the store refuse an entry, as a full disk does.
    func refuse(entry: Int) async throws

    /// Makes it take every entry again.
    func refuseNone() async throws

    /// Takes away the sign that a lease's holder lives, without its knowledge.
    func hideHolder(of rollout: RolloutName) async throws
}

extension LedgerBench {
    func open() async throws -> any SharedLedger { try await open(creating: true) }

    /// Appends events one by one, a second apart.
    func append(_ numbers: Range<Int>, to rollout: RolloutName = "demo", with ledger: any Ledger) async throws {
        for number in numbers {
            try await ledger.append(
                [Sample.event(number)],
                to: rollout,
                by: "test",
                at: Sample.start + .seconds(number)
            )
        }
    }

    /// A ledger with so many entries.
    func filled(_ count: Int, rollout: RolloutName = "demo") async throws -> any SharedLedger {
        let ledger = try await open()
        try await append(0..<count, to: rollout, with: ledger)
        return ledger
    }
}

/// The engine refused.
struct RawError: Error {
    let message: String
}

/// What the tests write.
enum Sample {
    static let start = Moment(milliseconds: 1_763_712_000_000)

    /// An event that a fold can tell from others.
    static func event(_ number: Int) -> LedgerEvent {
        .intended(
            Intent(
                id: "one/step/\(number)",
                phase: "one",
                step: .expose(ExposureStep(flag: "f", share: BasisPoints(rawValue: number))),
                reason: "number \(number)"
            )
        )
    }
}

/// The ledgers there are.
enum LedgerKind: String, Sendable, CustomTestStringConvertible {
    case sqlite
    case postgresql

    /// Those that can be tested here.
    static let all: [LedgerKind] = PostgreSQLServer.isWanted ? [.sqlite, .postgresql] : [.sqlite]

    var testDescription: String { rawValue }

    func bench() async throws -> any LedgerBench {
        switch self {
        case .sqlite: try SQLiteBench()
        case .postgresql: try await PostgreSQLBench()
        }
    }
}

/// The code of the ledger error that a body throws; nothing for another error or none.
func code(of body: () async throws -> Void) async -> LedgerError.Code? {
    do {
        try await body()
        return nil
    } catch {
        return (error as? LedgerError)?.code
    }
}

/// Asks until something is so, for as long as a test may wait.
func eventually(within limit: Duration = .seconds(20), _ condition: () async throws -> Bool) async rethrows -> Bool {
    let end = ContinuousClock.now + limit
    while ContinuousClock.now < end {
        if try await condition() { return true }
        try? await Task.sleep(for: .milliseconds(5))
    }
    return false
}

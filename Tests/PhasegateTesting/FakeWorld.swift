public import PhasegateCore
import Synchronization

/// A world in memory: applied migrations, flags, and a book of everything that was done to it.
///
/// It counts what a real database would refuse: applying twice, or taking back
/// what is not there.
public final class FakeWorld: StepRunner {
    /// Everything that can be seen of the world.
    public struct Sight: Hashable, Sendable {
        /// Applied versions, in the order they were applied.
        public var applied: [Int] = []
        /// Share by flag; a flag that was never set is not there.
        public var shares: [FlagKey: BasisPoints] = [:]
        /// Names of the steps that took effect, in order.
        public var acts: [String] = []
        /// What must never happen and did.
        public var violations: [String] = []
    }

    /// What is made to go wrong with a step.
    public enum Trouble: Hashable, Sendable {
        /// It fails and leaves the world as it was.
        case fails(String)
        /// It takes effect and fails all the same.
        case leavesTraces(String)
        /// Nobody can tell whether it took effect.
        case unclear(String)
        /// The world cannot be read at all.
        case unreadable(String)
    }

    /// Where in which act the process is killed.
    public struct Crash: Hashable, Sendable {
        /// Number of the act from 1.
        public let act: Int
        /// Before it takes effect or after.
        public let side: InMemoryLedger.Side

        /// Puts a crash together.
        public init(act: Int, _ side: InMemoryLedger.Side) {
            self.act = act
            self.side = side
        }
    }

    private struct Inside {
        var sight = Sight()
        var troubles: [String: Trouble] = [:]
        var crash: Crash?
        var doors: [String: Door] = [:]
        var begun = 0
        var audit: (@Sendable (Step, Sight) -> String?)?

        mutating func take(_ step: Step) {
            if let objection = audit?(step, sight) { sight.violations.append(objection) }
            switch step {
            case .migrate(let migration):
                if sight.applied.contains(migration.version) {
                    sight.violations.append("\(migration.version) applied twice")
                }
                sight.applied.append(migration.version)
            case .unmigrate(let migration):
                if !sight.applied.contains(migration.version) {
                    sight.violations.append("\(migration.version) was not there")
                }
                sight.applied.removeAll { $0 == migration.version }
            case .expose(let exposure):
                sight.shares[exposure.flag] = exposure.share
            case .checkHealth:
                break
            }
            sight.acts.append(step.name)
        }
    }

    private let inside = Mutex(Inside())
    private let power: PowerSwitch

    /// Begins empty.
    public init(power: PowerSwitch = PowerSwitch()) { self.power = power }

    /// What can be seen of it now.
    public var sight: Sight { inside.withLock(\.sight) }

    /// How many acts were begun so far.
    public var begun: Int { inside.withLock(\.begun) }

    /// Makes a step of a name go wrong, or right again.
    public func trouble(_ trouble: Trouble?, with step: String) {
        inside.withLock { $0.troubles[step] = trouble }
    }

    /// Closes a door before a step of a name.
    public func holdBack(_ step: String) -> Door {
        let door = Door()
        inside.withLock { $0.doors[step] = door }
        return door
    }

    /// Kills the process at an act; nothing for no crash.
    public func setCrash(_ crash: Crash?) { inside.withLock { $0.crash = crash } }

    /// Asks before each act whether it may happen; a sentence is kept as a violation.
    public func setAudit(_ audit: (@Sendable (Step, Sight) -> String?)?) { inside.withLock { $0.audit = audit } }

    /// What is asked before each act, to be asked by another audit in its turn.
    public var presentAudit: (@Sendable (Step, Sight) -> String?)? { inside.withLock(\.audit) }

    /// Every kind of step.
    public func handles(_ step: Step) -> Bool { true }

    /// How the world stands to a step.
    ///
    /// - Throws: `StepError` when it was made unreadable or the process is dead.
    public func state(of step: Step) async throws(StepError) -> StepState {
        if power.isCut { throw StepError("the process is dead") }
        let (sight, trouble) = inside.withLock { ($0.sight, $0.troubles[step.name]) }
        switch trouble {
        case .unclear(let why): return .unclear(why)
        case .unreadable(let why): throw StepError(why)
        case .leavesTraces(let why) where sight.acts.contains(step.name): return .unclear(why)
        case .fails, .leavesTraces, nil: break
        }
        return switch step {
        case .migrate(let step):
            sight.applied.contains(step.version)
                ? .done("\(step.version) is there") : .notDone("\(step.version) is not there")
        case .unmigrate(let step):
            sight.applied.contains(step.version)
                ? .notDone("\(step.version) is there") : .done("\(step.version) is not there")
        case .expose(let step):
            sight.shares[step.flag] == step.share
                ? .done("is at \(step.share)") : .notDone("is at \(sight.shares[step.flag] ?? .none)")
        case .checkHealth: .notDone("health is looked at anew each time")
        }
    }

    /// Carries a step out.
    ///
    /// - Parameters:
    ///   - step: any step.
    ///   - reason: not kept.
    /// - Returns: what was seen afterwards.
    /// - Throws: `StepError` as it was told to, and when the process is dead.
    public func run(_ step: Step, because reason: String) async throws(StepError) -> StepOutcome {
        if power.isCut { throw StepError("the process is dead") }
        await inside.withLock { $0.doors[step.name] }?.pass()
        let (crash, trouble) = inside.withLock { inside in
            inside.begun += 1
            return (inside.crash?.act == inside.begun ? inside.crash : nil, inside.troubles[step.name])
        }
        if crash?.side == .before { throw die() }
        if case .fails(let why) = trouble { throw StepError(why) }
        inside.withLock { $0.take(step) }
        if crash?.side == .after { throw die() }
        if case .leavesTraces(let why) = trouble { throw StepError(why, leftTraces: true) }
        return StepOutcome(observed: "did \(step.name)", evidence: ["step": step.name])
    }

    private func die() -> StepError {
        power.cut()
        return StepError("the process is dead")
    }
}

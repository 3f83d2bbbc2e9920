import Synchronization

/// The process was killed: nothing it does from here on reaches the ledger or the world.
public struct PowerCut: Error, Hashable, Sendable {
    /// Nothing more is known of it.
    public init() {}
}

/// What a ledger and a world share so that both go dead at the same instruction.
///
/// A runner may only throw `StepError`, which the controller handles; a killed
/// process handles nothing. So a crash is a switch, not an error.
public final class PowerSwitch: Sendable {
    private let isOff = Mutex(false)

    /// Starts switched on.
    public init() {}

    /// Whether the power was cut.
    public var isCut: Bool { isOff.withLock(\.self) }

    /// Kills the process.
    public func cut() { isOff.withLock { $0 = true } }

    /// Lets another process begin.
    public func restore() { isOff.withLock { $0 = false } }

    /// Goes on only while the power is on.
    ///
    /// - Throws: `PowerCut`.
    public func demand() throws { if isCut { throw PowerCut() } }
}

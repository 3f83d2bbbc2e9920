public import PhasegateCore

/// Where a flag is kept, how it decides who is in, and who else learns of it.
public struct FlagLocation: Sendable {
    /// Absolute path of the store.
    public let store: String
    /// How it decides; fixed for the life of the flag.
    public let draw: FlagDraw
    /// Who learns of every share, in the order of the rollout file.
    public let sinks: [any FlagSink]

    /// Puts a location together.
    public init(store: String, draw: FlagDraw, sinks: [any FlagSink] = []) {
        self.store = store
        self.draw = draw
        self.sinks = sinks
    }

    /// A location of a flag of the second generation.
    public init(store: String, salt: String, sinks: [any FlagSink] = []) {
        self.init(store: store, draw: FlagDraw(salt: salt), sinks: sinks)
    }

    /// How long until every application has seen a change.
    var propagation: Duration { sinks.map(\.propagation).max() ?? .zero }
}

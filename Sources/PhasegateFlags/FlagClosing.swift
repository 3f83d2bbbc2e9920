public import PhasegateCore

/// Where a flag's share is kept, or shown.
public enum FlagPlace: Hashable, Sendable, CustomStringConvertible {
    /// The store.
    case store
    /// A sink, by its name.
    case sink(String)
    /// Not a place: a raise that somebody began before, and that may still write to a sink.
    case raiseUnderWay

    /// As `sink 'services'`.
    public var description: String {
        switch self {
        case .store: "its store"
        case .sink(let name): "sink '\(name)'"
        case .raiseUnderWay: "a raise under way"
        }
    }
}

/// How one place took a closing.
public struct PlaceClosing: Sendable {
    /// The place.
    public let place: FlagPlace
    /// Whether it was read back at nobody.
    public let isConfirmed: Bool
    /// What happened, for the evidence.
    public let note: String
}

/// How a flag was set to nobody everywhere.
public struct FlagClosing: Sendable {
    /// The flag.
    public let flag: FlagKey
    /// The store first, then the sinks in the order of the rollout file.
    public let places: [PlaceClosing]
    /// The store's record before; nothing where there was none, or it cannot be read.
    public let before: FlagRecord?
    /// The store's record afterwards; nothing where that is not confirmed.
    public let after: FlagRecord?

    /// The places that are not confirmed at nobody.
    public var open: [PlaceClosing] { places.filter { !$0.isConfirmed } }
}

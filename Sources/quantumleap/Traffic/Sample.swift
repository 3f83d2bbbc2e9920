/// One request as telemetry keeps it.
struct Sample: Sendable {
    enum Variant: String, Sendable {
        case old
        case new
    }

    enum Kind: String, Sendable {
        case read
        case write
    }

    /// When it ended, in milliseconds since 1970.
    let at: Int64
    let user: String
    let variant: Variant
    /// The share of users exposed when the request was decided, in basis points.
    let share: Int
    /// Microseconds.
    let latency: Int64
    /// Why it failed, if it did.
    let error: String?
    let kind: Kind
    /// Microseconds spent waiting for other writers.
    let lockWait: Int64

    var milliseconds: Double { Double(latency) / 1000 }
}

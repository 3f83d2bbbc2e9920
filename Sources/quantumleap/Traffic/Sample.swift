import GRDB

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

    /// Why a request failed.
    struct Failure: Sendable {
        let category: ErrorCategory
        let message: String

        init(category: ErrorCategory, message: String) {
            self.category = category
            self.message = message
        }

        init(_ error: any Error) {
            category = ErrorCategory(of: error)
            message = (error as? DatabaseError).map { $0.message ?? "\($0.resultCode)" } ?? "\(error)"
        }
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
    let failure: Failure?
    let kind: Kind
    /// Microseconds spent waiting for other writers.
    let lockWait: Int64

    var milliseconds: Double { Double(latency) / 1000 }
}

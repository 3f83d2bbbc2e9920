/// The latencies of one look, both arms, before they are judged.
///
/// Made once and cleared after each look, so that nothing is allocated while a
/// step runs. Requests are entered in the look in which they *began*, and the
/// look is closed when all of them are known; counting only what has completed
/// hides a regression while it matters.
public struct LatencyLook: Codable, Hashable, Sendable {
    /// The arm with the change.
    public var candidate = LatencyHistogram()
    /// The arm without, at the same time.
    public var control = LatencyHistogram()

    /// Nothing counted.
    public init() {}

    /// Back to nothing, with the space kept.
    public mutating func clear() {
        candidate.clear()
        control.clear()
    }

    /// Whether both arms had requests at all, with a latency or without.
    var hasBothArms: Bool {
        candidate.count + candidate.invalid > 0 && control.count + control.invalid > 0
    }

    /// Whether both arms brought a latency; otherwise there is nothing to compare.
    public var isComplete: Bool { candidate.count > 0 && control.count > 0 }
}

import Glibc

/// What is left of a probability when a part of the exposure is over and nothing has happened.
///
/// - Parameters:
///   - probability: of the whole, from 0 to 1.
///   - done: the share of the exposure that is over, from 0 to 1.
/// - Returns: 1 − (1 − p)^(1 − done), as if the risk were spread evenly; 60 % over four equal phases is
///   60, 49.7, 36.8, 20.5 and 0 %.
public func remaining(of probability: Double, after done: Double) -> Double {
    let left = 1 - min(1, max(0, done))
    return 1 - pow(1 - min(1, max(0, probability)), left)
}

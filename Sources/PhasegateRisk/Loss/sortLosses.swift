/// Sorts losses, ascending, digit by digit.
///
/// Numbers that are not negative have the order of their bits, and worlds come
/// by the hundred thousand: six passes of eleven bits take a tenth of the time
/// that comparing takes.
///
/// - Parameter losses: none negative, none NaN.
func sortLosses(_ losses: inout [Double]) {
    let digits = 11
    let size = 1 << digits
    var from = losses.map(\.bitPattern)
    var into = from
    for shift in stride(from: 0, to: UInt64.bitWidth, by: digits) {
        var places = [Int](repeating: 0, count: size)
        for bits in from { places[Int(truncatingIfNeeded: bits >> UInt64(shift)) & (size - 1)] += 1 }
        // A digit that is the same in all of them orders nothing.
        guard !places.contains(from.count) else { continue }
        var next = 0
        for digit in places.indices { (places[digit], next) = (next, next + places[digit]) }
        from.withUnsafeBufferPointer { from in
            into.withUnsafeMutableBufferPointer { into in
                places.withUnsafeMutableBufferPointer { places in
                    for bits in from {
                        let digit = Int(truncatingIfNeeded: bits >> UInt64(shift)) & (size - 1)
                        into[places[digit]] = bits
                        places[digit] += 1
                    }
                }
            }
        }
        swap(&from, &into)
    }
    losses = from.map(Double.init(bitPattern:))
}

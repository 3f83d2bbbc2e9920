import PhasegateCore

/// What a key has drawn: a place on the line from nobody to everybody.
struct FlagLot: Hashable, Comparable {
    private let algorithm: FlagAlgorithm
    /// The hash, folded to 31 bits in the first generation.
    private let rank: UInt32

    /// Draws.
    ///
    /// - Parameters:
    ///   - key: who draws; compared by its UTF-8 bytes.
    ///   - draw: salt and algorithm.
    init(of key: String, in draw: FlagDraw) {
        algorithm = draw.algorithm
        switch draw.algorithm {
        case .flagdV1: rank = Int32(bitPattern: murmur3([draw.salt.utf8, key.utf8].joined())).magnitude
        case .flagdV2: rank = murmur3([draw.salt.utf8, key.utf8].joined())
        case .flagdV3: rank = murmur3(canonicalCBOR([draw.salt, key]))
        }
    }

    /// Whether it lies below a share.
    ///
    /// The first generation computes in binary floating point, and so do we, in the order in which it does.
    func isBelow(_ share: BasisPoints) -> Bool {
        let all = BasisPoints.all.rawValue
        switch algorithm {
        case .flagdV1:
            return Double(rank) / Double(Int32.max) * 100 < Double(share.rawValue) * 100 / Double(all)
        case .flagdV2, .flagdV3:
            return Int((UInt64(rank) * UInt64(all)) >> 32) < share.rawValue
        }
    }

    /// Lower lots are exposed first.
    static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
}

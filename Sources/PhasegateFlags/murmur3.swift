/// The 32-bit MurmurHash3 for x86 of a sequence of bytes.
///
/// Not for secrets. flagd buckets by it, so its bits are part of what users
/// see: the algorithm never changes (Austin Appleby, SMHasher,
/// `MurmurHash3_x86_32`; public domain).
///
/// - Parameters:
///   - bytes: what to hash; read once.
///   - seed: 0 in flagd.
/// - Returns: the hash, unsigned.
public func murmur3(_ bytes: some Sequence<UInt8>, seed: UInt32 = 0) -> UInt32 {
    var hash = seed
    var length: UInt32 = 0
    var block: UInt32 = 0
    for byte in bytes {
        block |= UInt32(byte) << (8 * (length & 3))
        length &+= 1
        guard length & 3 == 0 else { continue }
        hash ^= scrambled(block)
        hash = (hash << 13 | hash >> 19) &* 5 &+ 0xE654_6B64
        block = 0
    }
    // An empty tail scrambles to 0 and changes nothing.
    hash ^= scrambled(block)
    hash ^= length
    hash = (hash ^ (hash >> 16)) &* 0x85EB_CA6B
    hash = (hash ^ (hash >> 13)) &* 0xC2B2_AE35
    return hash ^ (hash >> 16)
}

private func scrambled(_ block: UInt32) -> UInt32 {
    let product = block &* 0xCC9E_2D51
    return (product << 15 | product >> 17) &* 0x1B87_3593
}

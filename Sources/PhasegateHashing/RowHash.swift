/// A hash over a set of rows that does not depend on their order.
///
/// Every row is encoded with the type and length of each value, hashed to 128
/// bits (MurmurHash3 x64 128, Austin Appleby, public domain), and the hashes
/// are added modulo 2^128. Adding, unlike XOR, does not let two equal rows
/// cancel out. It finds accidents, not attacks: that is what a backup or a
/// migration suffers from.
public struct RowSetHash: Hashable, Sendable {
    private var low: UInt64 = 0
    private var high: UInt64 = 0
    /// How many rows went in.
    public private(set) var rows: Int64 = 0

    /// The hash of no rows.
    public init() {}

    /// Adds a row in its encoded form.
    public mutating func add(_ row: UnsafeRawBufferPointer) {
        let hash = murmur3x64(row)
        let (sum, overflow) = low.addingReportingOverflow(hash.low)
        low = sum
        high = high &+ hash.high &+ (overflow ? 1 : 0)
        rows += 1
    }

    /// Adds what another set of rows holds that has none in common with this one.
    public mutating func add(_ other: RowSetHash) {
        let (sum, overflow) = low.addingReportingOverflow(other.low)
        low = sum
        high = high &+ other.high &+ (overflow ? 1 : 0)
        rows += other.rows
    }

    /// Reads what `text` wrote.
    public init?(text: String) {
        let parts = text.split(separator: ":")
        guard parts.count == 2, let rows = Int64(parts[0]), parts[1].utf8.count == 32,
            let high = UInt64(parts[1].prefix(16), radix: 16), let low = UInt64(parts[1].suffix(16), radix: 16)
        else { return nil }
        (self.rows, self.high, self.low) = (rows, high, low)
    }

    /// Row count and sum in hexadecimal, as `200000:03f2…`.
    public var text: String {
        func hex(_ number: UInt64) -> String {
            let digits = String(number, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }
        return "\(rows):\(hex(high))\(hex(low))"
    }
}

/// Collects the encoded values of one row; reused from row to row.
public struct RowEncoder: ~Copyable {
    private var bytes: UnsafeMutableRawBufferPointer
    private var count = 0

    /// An empty row.
    public init() { bytes = .allocate(byteCount: 4096, alignment: 16) }

    deinit { bytes.deallocate() }

    /// Begins the next row.
    public mutating func reset() { count = 0 }

    /// Adds NULL.
    public mutating func addNull() { append(tag: 0) }

    /// Adds a whole number.
    public mutating func add(_ number: Int64) {
        append(tag: 1)
        append(raw: UInt64(bitPattern: number))
    }

    /// Adds a floating-point number by its bits, so that 1.0 differs from 1 and every last bit counts.
    public mutating func add(_ number: Double) {
        append(tag: 2)
        append(raw: number.bitPattern)
    }

    /// Adds text by its bytes.
    public mutating func add(text: UnsafeRawBufferPointer) { append(tag: 3, text) }

    /// Adds a blob by its bytes.
    public mutating func add(blob: UnsafeRawBufferPointer) { append(tag: 4, blob) }

    /// The row so far, valid until the next change.
    public borrowing func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        body(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
    }

    private mutating func append(tag: UInt8) {
        reserve(1)
        bytes[count] = tag
        count += 1
    }

    private mutating func append(raw number: UInt64) {
        reserve(8)
        bytes.storeBytes(of: number.littleEndian, toByteOffset: count, as: UInt64.self)
        count += 8
    }

    private mutating func append(tag: UInt8, _ piece: UnsafeRawBufferPointer) {
        append(tag: tag)
        append(raw: UInt64(piece.count))
        guard !piece.isEmpty else { return }
        reserve(piece.count)
        UnsafeMutableRawBufferPointer(rebasing: bytes[count...]).copyMemory(from: piece)
        count += piece.count
    }

    private mutating func reserve(_ more: Int) {
        guard count + more > bytes.count else { return }
        let larger = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(bytes.count * 2, count + more),
            alignment: 16
        )
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
        bytes.deallocate()
        bytes = larger
    }
}

/// MurmurHash3 x64 128 with seed 0.
func murmur3x64(_ bytes: UnsafeRawBufferPointer) -> (low: UInt64, high: UInt64) {
    let c1: UInt64 = 0x87c3_7b91_1142_53d5
    let c2: UInt64 = 0x4cf5_ad43_2745_937f
    var h1: UInt64 = 0
    var h2: UInt64 = 0
    let blocks = bytes.count / 16
    for block in 0..<blocks {
        var k1 = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: block * 16, as: UInt64.self))
        var k2 = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: block * 16 + 8, as: UInt64.self))
        k1 = (k1 &* c1).rotated(by: 31) &* c2
        h1 = ((h1 ^ k1).rotated(by: 27) &+ h2) &* 5 &+ 0x52dc_e729
        k2 = (k2 &* c2).rotated(by: 33) &* c1
        h2 = ((h2 ^ k2).rotated(by: 31) &+ h1) &* 5 &+ 0x3849_5ab5
    }
    var k1: UInt64 = 0
    var k2: UInt64 = 0
    for offset in stride(from: bytes.count - 1, through: blocks * 16, by: -1) {
        let place = offset - blocks * 16
        if place >= 8 {
            k2 |= UInt64(bytes[offset]) << UInt64((place - 8) * 8)
        } else {
            k1 |= UInt64(bytes[offset]) << UInt64(place * 8)
        }
    }
    h2 ^= (k2 &* c2).rotated(by: 33) &* c1
    h1 ^= (k1 &* c1).rotated(by: 31) &* c2
    h1 ^= UInt64(bytes.count)
    h2 ^= UInt64(bytes.count)
    h1 = h1 &+ h2
    h2 = h2 &+ h1
    h1 = h1.mixed()
    h2 = h2.mixed()
    h1 = h1 &+ h2
    h2 = h2 &+ h1
    return (h1, h2)
}

extension UInt64 {
    @inline(__always)
    fileprivate func rotated(by bits: UInt64) -> UInt64 { (self << bits) | (self >> (64 - bits)) }

    @inline(__always)
    fileprivate func mixed() -> UInt64 {
        var k = self
        k ^= k >> 33
        k = k &* 0xff51_afd7_ed55_8ccd
        k ^= k >> 33
        k = k &* 0xc4ce_b9fe_1a85_ec53
        k ^= k >> 33
        return k
    }
}

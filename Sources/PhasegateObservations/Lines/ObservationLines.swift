import Glibc

/// Cuts what comes in into lines and reads them; what follows the last end of line waits for its rest.
public struct ObservationLines: Sendable {
    /// The longest line that is read, in bytes; longer ones are counted as not understood.
    public static let longestLine = 16 * 1024

    /// What was read and not yet fetched.
    public private(set) var observations: [Observation] = []
    /// What could not be understood since it was last fetched.
    public private(set) var rejected: RejectedLines?
    private var rest: [UInt8] = []
    /// Whether the line that is coming in is left out up to its end.
    private var isSkipping: Bool
    private var number = 0

    /// Begins.
    ///
    /// - Parameter skippingFirst: leaves out everything up to the first end of line, where it begins amid a line.
    public init(skippingFirst: Bool = false) { isSkipping = skippingFirst }

    /// Takes bytes as they come in.
    public mutating func take(_ bytes: some Sequence<UInt8>) {
        if bytes.withContiguousStorageIfAvailable({ cut($0) }) == nil {
            Array(bytes).withUnsafeBufferPointer { cut($0) }
        }
    }

    /// Says that no more comes: what has no end of line is a line as well.
    public mutating func end() {
        guard !rest.isEmpty else { return }
        let line = rest
        rest = []
        line.withUnsafeBufferPointer { read($0) }
    }

    /// Hands over what was read, and forgets it.
    public mutating func fetch() -> (observations: [Observation], rejected: RejectedLines?) {
        defer {
            observations.removeAll(keepingCapacity: true)
            rejected = nil
        }
        return (observations, rejected)
    }

    /// Forgets a line that has begun: its rest will not come.
    mutating func drop() {
        rest = []
        isSkipping = false
    }

    private mutating func cut(_ bytes: UnsafeBufferPointer<UInt8>) {
        var begin = 0
        while begin < bytes.count, let end = Self.endOfLine(in: bytes, from: begin) {
            finish(UnsafeBufferPointer(rebasing: bytes[begin..<end]))
            begin = end + 1
        }
        guard begin < bytes.count, !isSkipping else { return }
        rest += bytes[begin...]
        guard rest.count > Self.longestLine else { return }
        rest = []
        isSkipping = true
        number += 1
        reject(.tooLong)
        // Counted here already.
        number -= 1
    }

    private mutating func finish(_ line: UnsafeBufferPointer<UInt8>) {
        if isSkipping {
            isSkipping = false
            number += 1
        } else if rest.isEmpty {
            read(line)
        } else {
            let whole = rest + line
            rest.removeAll(keepingCapacity: true)
            whole.withUnsafeBufferPointer { read($0) }
        }
    }

    private mutating func read(_ line: UnsafeBufferPointer<UInt8>) {
        number += 1
        guard line.contains(where: { $0 > 0x20 }) else { return }
        guard line.count <= Self.longestLine else { return reject(.tooLong) }
        do throws(LineError) {
            observations.append(try observation(inLine: line))
        } catch {
            reject(error)
        }
    }

    private mutating func reject(_ error: LineError) {
        rejected.add(RejectedLines(firstReason: error.reason, firstLine: number))
    }

    private static func endOfLine(in bytes: UnsafeBufferPointer<UInt8>, from begin: Int) -> Int? {
        guard let start = bytes.baseAddress.map({ UnsafeRawPointer($0) }) else { return nil }
        guard let found = memchr(start + begin, 0x0A, bytes.count - begin) else { return nil }
        return UnsafeRawPointer(found) - start
    }
}

import CLibCurl
import Synchronization

/// What goes out and comes in during one transfer.
///
/// Everything but the cancellation is touched only by the thread that
/// performs the transfer, which hands the result over when it has ended.
final class CurlExchange: @unchecked Sendable {
    private let isCancelled = Atomic(false)
    private let message: [UInt8]
    private let bodyLimit: Int
    private var sent = 0
    private(set) var lines: [String] = []
    private(set) var body: [UInt8] = []
    private(set) var isFull = false
    private var headerBytes = 0

    /// Prepares an exchange.
    init(upload: [UInt8], bodyLimit: Int) {
        message = upload
        self.bodyLimit = bodyLimit
    }

    /// Ends the transfer at its next sign of life, at the latest after about a second.
    func cancel() { isCancelled.store(true, ordering: .relaxed) }

    /// Has the answer come here.
    func listen(to handle: UnsafeMutableRawPointer) -> Bool {
        libcurl_set_listeners(
            handle,
            { bytes, size, count, context in CurlExchange.at(context).take(header: bytes, size * count) },
            { bytes, size, count, context in CurlExchange.at(context).take(body: bytes, size * count) },
            { context, _, _, _, _ in CurlExchange.at(context).isCancelled.load(ordering: .relaxed) ? 1 : 0 },
            Unmanaged.passUnretained(self).toOpaque()
        ) == Int32(LIBCURL_OK.rawValue)
    }

    /// Has the message sent from here.
    func upload(to handle: UnsafeMutableRawPointer) -> Bool {
        libcurl_set_upload(
            handle,
            { bytes, size, count, context in CurlExchange.at(context).give(to: bytes, size * count) },
            Int64(message.count),
            Unmanaged.passUnretained(self).toOpaque()
        ) == Int32(LIBCURL_OK.rawValue)
    }

    private static func at(_ context: UnsafeMutableRawPointer?) -> CurlExchange {
        guard let context else { preconditionFailure("libcurl gives back the context it was given") }
        return Unmanaged<CurlExchange>.fromOpaque(context).takeUnretainedValue()
    }

    private func take(header bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        headerBytes += count
        // libcurl bounds each line; this bounds how many of them are kept.
        if let bytes, headerBytes <= CurlTransfer.bodyLimit {
            lines.append(String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self))
        }
        return count
    }

    private func take(body bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        let taken = min(count, bodyLimit - body.count)
        if let bytes { body.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: taken)) }
        if taken < count { isFull = true }
        return taken
    }

    private func give(to bytes: UnsafeMutablePointer<CChar>?, _ room: Int) -> Int {
        guard let bytes else { return 0 }
        let count = min(room, message.count - sent)
        message[sent..<sent + count].withUnsafeBytes {
            UnsafeMutableRawBufferPointer(start: bytes, count: room).copyMemory(from: $0)
        }
        sent += count
        return count
    }
}

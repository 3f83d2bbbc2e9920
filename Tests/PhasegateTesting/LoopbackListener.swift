import Dispatch
import Glibc

/// Listens on a free port of 127.0.0.1 and hands each connection to a closure on a thread of its own.
final class LoopbackListener: Sendable {
    /// The socket could not be set up.
    struct Failure: Error {
        let step: String
        let code: Int32
    }

    /// Where it listens.
    let port: Int
    private let socket: Int32

    /// Begins to listen.
    ///
    /// - Parameter serve: gets the connection, which is closed when it returns.
    /// - Throws: `Failure` when no port can be had.
    init(serve: @escaping @Sendable (Int32) -> Void) throws {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { throw Failure(step: "socket", code: errno) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isReady = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, length) == 0 && listen(socket, 64) == 0 && getsockname(socket, $0, &length) == 0
            }
        }
        guard isReady else {
            let code = errno
            close(socket)
            throw Failure(step: "listen", code: code)
        }
        self.socket = socket
        port = Int(UInt16(bigEndian: address.sin_port))
        DispatchQueue(label: "loopback.accept").async {
            while true {
                let connection = accept(socket, nil, nil)
                if connection < 0 {
                    if errno == EINTR { continue }
                    break
                }
                DispatchQueue(label: "loopback.connection").async {
                    serve(connection)
                    close(connection)
                }
            }
            close(socket)
        }
    }

    // Wakes the accepting thread, which closes the socket.
    deinit { shutdown(socket, Int32(SHUT_RDWR)) }

    /// Sends bytes; false once the other side is gone.
    static func send(_ bytes: [UInt8], to connection: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// What comes next, at most 64 KiB; nothing once the other side is gone.
    static func receive(from connection: Int32) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = recv(connection, &buffer, buffer.count, 0)
        return count > 0 ? Array(buffer[..<count]) : nil
    }
}

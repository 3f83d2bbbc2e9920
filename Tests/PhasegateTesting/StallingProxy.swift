import Glibc
import Synchronization

/// Stands between a client and a server on loopback, and can fall silent or hang up, as a network does.
public final class StallingProxy: Sendable {
    private struct State {
        var isStalled = false
        var connections: [Int32] = []
    }

    private let listener: LoopbackListener
    private let state: Shared

    private final class Shared: Sendable {
        let inside = Mutex(State())
    }

    /// Begins to listen.
    ///
    /// - Parameter port: where the server listens on 127.0.0.1.
    /// - Throws: when no port can be had.
    public init(to port: Int) throws {
        let state = Shared()
        self.state = state
        listener = try LoopbackListener { client in
            let server = Self.connect(to: port)
            guard server >= 0 else { return }
            state.inside.withLock { $0.connections += [client, server] }
            Self.carry(between: client, and: server, while: { state.inside.withLock { $0.isStalled } })
            state.inside.withLock { inside in inside.connections.removeAll { $0 == client || $0 == server } }
            close(server)
        }
    }

    /// Where it listens.
    public var port: Int { listener.port }

    /// Carries nothing any more, in either direction, and says nothing of it.
    public func stall() { state.inside.withLock { $0.isStalled = true } }

    /// Hangs up on both sides.
    public func hangUp() {
        for connection in state.inside.withLock(\.connections) { shutdown(connection, Int32(SHUT_RDWR)) }
    }

    private static func connect(to port: Int) -> Int32 {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else {
            close(socket)
            return -1
        }
        return socket
    }

    private static func carry(between client: Int32, and server: Int32, while isStalled: () -> Bool) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            var descriptors = [
                pollfd(fd: client, events: Int16(POLLIN), revents: 0),
                pollfd(fd: server, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&descriptors, 2, 20) >= 0 else { return }
            for (index, descriptor) in descriptors.enumerated() where descriptor.revents != 0 {
                let count = read(descriptor.fd, &buffer, buffer.count)
                guard count > 0 else { return }
                // What was read is lost, as it would be on the way.
                if isStalled() { continue }
                guard LoopbackListener.send(Array(buffer[..<count]), to: index == 0 ? server : client) else { return }
            }
        }
    }
}

import Glibc
import Synchronization

/// Stands between a client and a server on loopback, and can fall silent, as a network does.
public final class StallingProxy: Sendable {
    /// What is not carried any more.
    public enum Direction: Sendable {
        /// Anything.
        case both
        /// What the server says: it hears and does all that it is asked.
        case answers
    }

    private struct State {
        var connections = 0
        /// Connections up to this number are silent.
        var silentUpTo = 0
        var direction = Direction.both
    }

    /// Belongs to the connections too, which outlive the proxy.
    private final class Switchboard: Sendable {
        let state = Mutex(State())

        func isSilent(_ connection: Int, fromServer: Bool) -> Bool {
            state.withLock { connection <= $0.silentUpTo && (fromServer || $0.direction == .both) }
        }
    }

    private let listener: LoopbackListener
    private let switchboard = Switchboard()

    /// Begins to listen.
    ///
    /// - Parameter port: where the server listens on 127.0.0.1.
    /// - Throws: when no port can be had.
    public init(to port: Int) throws {
        let switchboard = switchboard
        listener = try LoopbackListener { client in
            let server = Self.connect(to: port)
            guard server >= 0 else { return }
            let number = switchboard.state.withLock { state in
                state.connections += 1
                return state.connections
            }
            Self.carry(between: client, and: server) { switchboard.isSilent(number, fromServer: $0) }
            close(server)
        }
    }

    /// Where it listens.
    public var port: Int { listener.port }

    /// Carries nothing any more, in either direction, and says nothing of it.
    public func stall() { switchboard.state.withLock { $0.silentUpTo = .max } }

    /// The same for the connections there are: those that are made later are carried.
    public func stallPresent(_ direction: Direction) {
        switchboard.state.withLock { state in
            state.silentUpTo = state.connections
            state.direction = direction
        }
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

    private static func carry(between client: Int32, and server: Int32, isSilent: (_ fromServer: Bool) -> Bool) {
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
                if isSilent(index == 1) { continue }
                guard LoopbackListener.send(Array(buffer[..<count]), to: index == 0 ? server : client) else { return }
            }
        }
    }
}

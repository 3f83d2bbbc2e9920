import Foundation
import Glibc

/// A server on loopback and a socket, in a directory of its own, gone with the test run.
final class ServerProcess: Sendable {
    /// Its directory.
    let directory: String
    /// Its port.
    let port: Int
    private let ready: Task<RunningProgram, any Error>
    private let sign: String

    /// Starts it.
    ///
    /// - Parameters:
    ///   - name: for the directory's name.
    ///   - script: for `sh`; gets directory, port and the words.
    ///   - words: whatever else it needs.
    ///   - sign: part of the line it writes once it takes connections.
    init(named name: String, script: String, words: [String], readyWhenItSays sign: String) {
        // Short, because a socket's path has at most 107 bytes.
        directory = "/tmp/phasegate-\(name.prefix(2))-\(getpid())-\(UUID().uuidString.prefix(8))"
        port = freePort()
        self.sign = sign
        let arguments = ["-c", script, name, directory, "\(port)"] + words
        ready = Task {
            let program = try ChildProgram("/bin/sh", arguments).start()
            _ = try await program.line(within: .seconds(120)) { $0.contains(sign) }
            return program
        }
    }

    deinit { Task { [ready] in try? await ready.value.stop() } }

    /// Returns once it takes connections.
    ///
    /// - Throws: what it wrote instead.
    func waitUntilReady() async throws { _ = try await ready.value }

    /// Makes the directory with a certificate for 127.0.0.1; `$as` runs a program as the user, where we are root.
    static func preparation(as user: String) -> String {
        """
        exec 3<&0
        mkdir -p "$dir"
        chmod 755 "$dir"
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
            -addext subjectAltName=IP:127.0.0.1 -keyout "$dir/server.key" -out "$dir/server.crt" 2>/dev/null
        chmod 600 "$dir/server.key"
        as=
        if [ "$(id -u)" = 0 ]; then
            chown -R \(user) "$dir"
            as="setpriv --reuid=\(user) --regid=\(user) --init-groups"
        fi
        """
    }

    /// Starts the server by the script's function `start`, which leaves its number in `server`, and waits for the end
    /// of the standard input, which comes with the end of the test run at the latest.
    ///
    /// - Parameters:
    ///   - stop: the signal that ends the server.
    ///   - crash: the signal that ends it at once.
    /// - Returns: the end of the script.
    static func serving(stop: String, crash: String) -> String {
        """
        start
        over=
        trap 'kill -\(crash) $server || true; wait $server || true; start' USR1
        trap 'over=yes; kill -\(stop) $server' TERM
        cat <&3 >/dev/null &
        keeper=$!
        # A signal ends `wait`, not the waiting.
        while [ -z "$over" ] && kill -0 $keeper 2>/dev/null; do wait $keeper || true; done
        kill -KILL $server 2>/dev/null || true
        wait $server || true
        cd /
        rm -rf "$dir"
        """
    }

    /// Ends the server as a crash does and starts it again.
    ///
    /// - Throws: what it wrote when it did not take connections again.
    func restart() async throws {
        let program = try await ready.value
        program.send(SIGUSR1)
        _ = try await program.line(within: .seconds(120)) { [sign] in $0.contains(sign) }
    }
}

/// A port nobody listens at just now.
public func freePort() -> Int {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(listener) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    return withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
            guard bind(listener, generic, length) == 0, getsockname(listener, generic, &length) == 0 else { return 0 }
            return Int(UInt16(bigEndian: UnsafeRawPointer(pointer).load(as: sockaddr_in.self).sin_port))
        }
    }
}

import Glibc
import PhasegateCore
import PhasegateHTTP
import PhasegateObservations
import PhasegateSecrets
import Synchronization

/// A text that several tasks look at.
private final class SharedText: Sendable { let value = Mutex<String?>(nil) }

/// Where the lines of a driver of load go.
struct LoadOutlet: Sendable {
    private enum Place: Sendable {
        case file(Int32)
        case address(String, headers: [String])
    }

    private let place: Place
    private let client = CurlClient()
    private let lastTrouble = SharedText()

    /// Opens a file for adding to it, or takes an address.
    ///
    /// - Throws: `Failure` when it cannot be written to.
    init(_ text: String, token: String?) throws {
        guard text.hasPrefix("http://") || text.hasPrefix("https://") else {
            let descriptor = open(text, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
            guard descriptor >= 0 else { throw Failure(.cannotWrite, "cannot write to '\(text)'") }
            place = .file(descriptor)
            return
        }
        var headers = ["Content-Type: application/x-ndjson"]
        if let token {
            guard let reference = try? SecretReference(token, key: "--token") else {
                throw Failure(.usage, "--token is a reference, as env:NAME or file:PATH, and never the token itself")
            }
            do throws(SecretError) {
                let secret = try secretText(reference)
                try checkSecret(secret, of: reference)
                headers.append("Authorization: Bearer \(secret)")
            } catch {
                throw Failure(.unreachable, error.message)
            }
        }
        place = .address(text, headers: headers)
    }

    /// Writes lines; an address that has no room is tried again until the task is cancelled, one that nobody listens at
    /// loses them.
    func send(_ results: [LoadResult]) async {
        let bytes = Array(results.map { $0.line + "\n" }.joined().utf8)
        switch place {
        case .file(let descriptor):
            if write(descriptor, bytes, bytes.count) != bytes.count {
                Terminal.standard.line("trouble: \(results.count) lines could not be written")
            }
        case .address(let address, let headers):
            let request = HTTPRequest(
                method: "POST",
                address: address,
                headers: headers,
                body: bytes,
                timeout: .seconds(10),
                authorities: nil
            )
            while !Task.isCancelled {
                do {
                    let answer = try await client.send(request)
                    if answer.status == 202 { return tell(nil) }
                    guard answer.status == 429 || answer.status >= 500 else {
                        return tell("the receiver answered \(answer.status); lines are lost until it takes them")
                    }
                } catch {
                    // Not kept for whoever listens later: to a step that begins then, they would be requests of its own.
                    return tell("nobody answers at the receiver's address; lines are lost until somebody does")
                }
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }

    /// Says what is wrong once, and again when it is something else.
    private func tell(_ trouble: String?) {
        let isNews = lastTrouble.value.withLock { last in
            defer { last = trouble }
            return last != trouble
        }
        if isNews, let trouble { Terminal.standard.line("trouble: \(trouble)") }
    }
}

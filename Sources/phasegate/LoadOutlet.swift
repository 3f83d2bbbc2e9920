import Glibc
import PhasegateCore
import PhasegateHTTP
import PhasegateObservations
import PhasegateSecrets

/// Where the lines of a driver of load go.
struct LoadOutlet: Sendable {
    private enum Place: Sendable {
        case file(Int32)
        case address(String, headers: [String])
    }

    private let place: Place
    private let client = CurlClient()

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

    /// Writes lines; an address that has no room is tried again until the task is cancelled.
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
                if let answer = try? await client.send(request), answer.status != 429, answer.status < 500 {
                    if answer.status != 202 {
                        Terminal.standard.line("trouble: the receiver answered \(answer.status)")
                    }
                    return
                }
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }
}

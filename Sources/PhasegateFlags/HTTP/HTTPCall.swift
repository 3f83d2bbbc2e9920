import FoundationEssentials
import PhasegateCore
import PhasegateHTTP
import PhasegateSecrets

/// One request of a sink, before its placeholders and secrets are filled in.
struct HTTPCall: Sendable {
    private enum HeaderValue: Sendable {
        case plain(String)
        case secret(SecretReference)
    }

    let method: String
    private let address: HTTPTemplate
    private let body: HTTPTemplate?
    private let headers: [(name: String, value: HeaderValue)]

    static let methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]

    /// The keys of a request.
    static let keys: [Shape.Key] = [
        Shape.Key("method", .oneOf(methods), "GET for reading, PUT for writing unless said otherwise."),
        Shape.Key("url", .text, required: true, "The address, with placeholders; secrets go into headers."),
        Shape.Key("headers", .named(.text), "Beside those of the sink; secrets as env:NAME or file:PATH."),
        Shape.Key("body", .text, "What is sent, with placeholders."),
    ]

    /// Reads a request.
    ///
    /// - Parameters:
    ///   - setting: the request.
    ///   - key: where it stands, for messages.
    ///   - shared: the headers of the sink.
    ///   - method: unless it names one.
    ///   - context: where relative paths begin; nothing while settings are only checked.
    /// - Throws: `Diagnostic`.
    init(
        _ setting: Setting,
        key: String,
        shared: Setting?,
        method: String,
        in context: FlagSinkContext?
    ) throws(Diagnostic) {
        self.method = setting["method"]?.text ?? method
        let text = setting["url"]?.text ?? ""
        address = try HTTPTemplate(text, key: "\(key)/url")
        if let body = setting["body"]?.text {
            self.body = try HTTPTemplate(body, key: "\(key)/body")
        } else {
            body = nil
        }
        var members = shared?.members ?? [:]
        for (name, value) in setting["headers"]?.members ?? [:] { members[name] = value }
        if body != nil, !members.keys.contains(where: { $0.lowercased() == "content-type" }) {
            members["content-type"] = .text("application/json")
        }
        var headers: [(String, HeaderValue)] = []
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            headers.append((name, try Self.value(value.text ?? "", under: name, in: context)))
        }
        self.headers = headers
        try Self.check(
            text,
            key: key,
            carriesSecrets: headers.contains { if case .secret = $0.1 { true } else { false } }
        )
    }

    private static func value(
        _ text: String,
        under name: String,
        in context: FlagSinkContext?
    ) throws(Diagnostic) -> HeaderValue {
        guard text.hasPrefix("env:") || text.hasPrefix("file:") || isSecretName(name) || name.lowercased() == "cookie"
        else { return .plain(text) }
        switch try SecretReference(text, key: name) {
        case .environment(let variable): return .secret(.environment(variable))
        case .file(let path): return .secret(.file(context?.absolute(path) ?? path))
        }
    }

    private static func check(_ text: String, key: String, carriesSecrets: Bool) throws(Diagnostic) {
        // With any value in place of the placeholders the rest has to be an address.
        let sample = text.replacing(/\{[a-z_]+\}/, with: "x")
        if let problem = webAddressProblem(sample) {
            throw Diagnostic(
                rule: "bad-sink",
                "the address under '\(key)' \(problem)",
                hint: "write an 'https://' or 'http://' address"
            )
        }
        // Flag systems name their things by UUID, which is no token.
        let named = sample.replacing(/[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}/, with: "id")
        if let problem = secretInWebAddress(named) {
            throw Diagnostic(
                rule: "literal-secret",
                "the address under '\(key)' \(problem)",
                hint: "send it in a header, as 'env:NAME' or 'file:PATH'"
            )
        }
        guard !carriesSecrets || isPrivate(wayTo: sample, usingProxyVariables: false) else {
            throw Diagnostic(
                rule: "unprotected-credentials",
                "the secret in a header of '\(key)' would go through the network unprotected",
                hint: "use an 'https://' address; 'http://' is for a receiver on this machine"
            )
        }
    }

    /// Whether it depends on a placeholder.
    func mentions(_ placeholder: HTTPTemplate.Placeholder) -> Bool {
        address.mentions(placeholder) || body?.mentions(placeholder) ?? false
    }

    /// The request for a rule, with its secrets as they are now.
    ///
    /// - Throws: `FlagError` with `unreadable` when a secret is missing; it names the reference.
    func request(
        for rule: FlagRule,
        version: String,
        timeout: Duration,
        authorities: String?
    ) throws(FlagError) -> HTTPRequest {
        var lines: [String] = []
        for (name, value) in headers {
            switch value {
            case .plain(let text): lines.append("\(name): \(text)")
            case .secret(let reference):
                do throws(SecretError) {
                    let secret = try secretText(reference)
                    try checkSecret(secret, of: reference)
                    lines.append("\(name): \(secret)")
                } catch {
                    throw FlagError(.unreadable, error.message)
                }
            }
        }
        return HTTPRequest(
            method: method,
            address: address.filled(for: rule, version: version, in: .address),
            headers: lines,
            body: body.map { Array($0.filled(for: rule, version: version, in: .json).utf8) },
            timeout: timeout,
            authorities: authorities
        )
    }
}

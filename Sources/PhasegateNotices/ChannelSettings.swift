import PhasegateCore
import PhasegateHTTP

/// Settings of a channel, read by key; what is wrong with one is a diagnostic that names its key.
struct ChannelSettings {
    private let members: [String: Setting]
    private let baseDirectory: String

    /// Wraps settings that have the shape their kind declares.
    ///
    /// - Parameters:
    ///   - settings: as the rollout file has them.
    ///   - baseDirectory: where relative paths begin; whoever only checks settings opens none.
    init(_ settings: Setting, baseDirectory: String = ".") {
        members = settings.members
        self.baseDirectory = baseDirectory
    }

    /// Whether a key is there.
    func has(_ key: String) -> Bool { members[key] != nil }

    /// One line of text.
    func text(_ key: String) throws(Diagnostic) -> String? {
        guard let text = members[key]?.text else { return nil }
        guard !text.isEmpty, text == NoticeText.oneLine(text) else {
            throw Self.problem("'\(key)' is empty or contains control characters", hint: "write one line of text")
        }
        return text
    }

    /// One line of text that has to be there.
    func required(_ key: String) throws(Diagnostic) -> String {
        guard let text = try text(key) else { throw Self.problem("'\(key)' is missing", hint: "add '\(key):'") }
        return text
    }

    /// The path of a file or directory, made absolute.
    func path(_ key: String) throws(Diagnostic) -> String? { try text(key).map(absolute) }

    /// The texts of a list.
    func texts(_ key: String) -> [String] { members[key]?.list.compactMap(\.text) ?? [] }

    /// The texts of a map, in the order of their keys.
    func map(_ key: String) -> [(key: String, value: String)] {
        (members[key]?.members ?? [:]).compactMap { entry in entry.value.text.map { (entry.key, $0) } }
            .sorted { $0.key < $1.key }
    }

    /// A whole number.
    func whole(_ key: String) -> Int? { members[key]?.whole.flatMap { Int(exactly: $0) } }

    /// A truth value.
    func truth(_ key: String) -> Bool? { members[key]?.truth }

    /// A duration within limits.
    func duration(_ key: String, in limits: ClosedRange<Duration>) throws(Diagnostic) -> Duration? {
        guard let setting = members[key] else { return nil }
        guard let duration = setting.duration, limits.contains(duration) else {
            throw Self.problem(
                "'\(key)' is not a duration from \(limits.lowerBound.forPeople) to \(limits.upperBound.forPeople)",
                hint: "write it with its unit, as '\(key): 30 s'"
            )
        }
        return duration
    }

    /// The reference to a secret.
    func secret(_ key: String) throws(Diagnostic) -> SecretReference? {
        guard let text = members[key]?.text else { return nil }
        return try reference(text, key)
    }

    /// The reference to a secret that has to be there.
    func requiredSecret(_ key: String) throws(Diagnostic) -> SecretReference { try reference(try required(key), key) }

    /// The references to secrets in a list.
    func secrets(_ key: String) throws(Diagnostic) -> [SecretReference] {
        var references: [SecretReference] = []
        for text in texts(key) { references.append(try reference(text, key)) }
        return references
    }

    private func reference(_ text: String, _ key: String) throws(Diagnostic) -> SecretReference {
        switch try SecretReference(text, key: key) {
        case .environment(let name): .environment(name)
        case .file(let path): .file(absolute(path))
        }
    }

    private func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : baseDirectory + (baseDirectory.hasSuffix("/") ? "" : "/") + path
    }

    /// An address that may stand in the file, or the reference to one that may not.
    func address(_ key: String) throws(Diagnostic) -> ChannelAddress {
        let text = try required(key)
        if text.hasPrefix("env:") || text.hasPrefix("file:") {
            return .reference(try reference(text, key))
        }
        if let problem = webAddressProblem(text) {
            throw Self.problem(
                "the address under '\(key)' \(problem)",
                hint: "write an 'https://' or 'http://' address, or 'env:NAME' or 'file:PATH' for one that is secret"
            )
        }
        if let problem = secretInWebAddress(text) {
            throw Diagnostic(
                rule: "literal-secret",
                "the address under '\(key)' \(problem)",
                hint: "put the address where only you can read it and write 'env:NAME' or 'file:PATH'"
            )
        }
        return .plain(text)
    }

    /// How requests are carried.
    func transport() throws(Diagnostic) -> HTTPTransport {
        HTTPTransport(
            timeout: try duration("timeout", in: .milliseconds(1)...(.seconds(120))) ?? .seconds(15),
            usesProxyVariables: truth("proxy-variables") ?? false,
            authorities: try path("authorities")
        )
    }

    /// Name and password, or a token, for channels that need to say who they are; not where others could read it.
    ///
    /// - Parameters:
    ///   - address: where it would be sent; one that is a reference is looked at when a notice is sent.
    ///   - transport: how it would be sent.
    /// - Returns: nothing where none is asked for.
    /// - Throws: a diagnostic, of the rule `unprotected-credentials` where others could read it.
    func authorization(
        to address: ChannelAddress,
        over transport: HTTPTransport
    ) throws(Diagnostic) -> HTTPAuthorization? {
        guard let authorization = try authorization() else { return nil }
        if case .plain(let text) = address, !isPrivate(wayTo: text, usingProxyVariables: transport.usesProxyVariables) {
            throw Diagnostic(
                rule: "unprotected-credentials",
                "\(has("token") ? "'token'" : "'user' and 'password'") would go through the network unprotected",
                hint: "use an 'https://' address; 'http://' is for a receiver on this machine, without a proxy"
            )
        }
        return authorization
    }

    private func authorization() throws(Diagnostic) -> HTTPAuthorization? {
        let token = try secret("token")
        let user = try secret("user")
        let password = try secret("password")
        switch (token, user, password) {
        case (let token?, nil, nil): return .bearer(token)
        case (nil, let user?, let password?): return .basic(user: user, password: password)
        case (nil, nil, nil): return nil
        default:
            throw Self.problem(
                "'token', 'user' and 'password' do not go together as they are",
                hint: "give either 'token' or both 'user' and 'password'"
            )
        }
    }

    /// A diagnostic about a channel's settings.
    static func problem(_ message: String, hint: String) -> Diagnostic {
        Diagnostic(rule: "bad-channel", message, hint: hint)
    }

    /// Keys of every channel that sends requests.
    static let transportKeys: [Shape.Key] = [
        .init("timeout", .duration, "How long sending may take in all; 15 s unless given."),
        .init("proxy-variables", .truth, "Whether http_proxy and its like are looked at; false unless given."),
        .init(
            "authorities",
            .text,
            "File with the authorities to trust instead of the system's; relative to the rollout file."
        ),
    ]

    /// Keys of channels that can say who they are.
    static let authorizationKeys: [Shape.Key] = [
        .init("token", .text, "Bearer token, as env:NAME or file:PATH."),
        .init("user", .text, "User name, as env:NAME or file:PATH."),
        .init("password", .text, "Password, as env:NAME or file:PATH."),
    ]
}

/// Where a channel's requests go.
enum ChannelAddress: Hashable, Sendable {
    /// Stands in the rollout file.
    case plain(String)
    /// Is a secret.
    case reference(SecretReference)

    /// The address itself, with a path added to its end.
    func resolved(by secrets: SecretSource, adding path: String = "") throws(DeliveryFailure) -> String {
        switch self {
        case .plain(let text): return path.isEmpty ? text : text.droppingSlashes() + path
        case .reference(let reference):
            let text = try secrets.secret(reference)
            if !secrets.isMasked, let problem = webAddressProblem(text) {
                throw DeliveryFailure("the address in '\(reference)' \(problem)", remedy: .giveUp)
            }
            return path.isEmpty ? text : text.droppingSlashes() + path
        }
    }
}

/// How a request says who sends it.
enum HTTPAuthorization: Hashable, Sendable {
    case bearer(SecretReference)
    case basic(user: SecretReference, password: SecretReference)
}

extension String {
    fileprivate func droppingSlashes() -> String {
        var text = self
        // An address that ends in its host keeps no slash, so that a path can be added.
        while text.hasSuffix("/") { text.removeLast() }
        return text
    }
}

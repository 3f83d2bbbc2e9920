import PhasegateCore
import PhasegateHTTP
import PhasegateStatistics

/// What the rollout file says of a Prometheus.
struct PrometheusSettings: Sendable {
    /// Without a slash at its end.
    let address: String
    let names: HistogramFollower.Names
    let interval: Duration
    let scrape: Duration
    let token: SecretReference?
    private let selector: String

    init(_ settings: Setting) throws(Diagnostic) {
        var address = settings["url"]?.text ?? ""
        while address.hasSuffix("/") { address.removeLast() }
        if let problem = webAddressProblem(address) {
            throw Self.bad("the address \(problem)", "write 'url: http://127.0.0.1:9090'")
        }
        self.address = address
        let arms = settings["arms"]
        let (candidate, control) = (arms?["candidate"]?.text ?? "candidate", arms?["control"]?.text ?? "control")
        guard candidate != control else { throw Self.bad("both arms have the same value", "give each its own") }
        names = HistogramFollower.Names(
            histogram: try Self.name(settings["histogram"]?.text ?? "", "histogram"),
            errors: try settings["errors"]?.text.map { text throws(Diagnostic) in try Self.name(text, "errors") },
            users: try settings["users"]?.text.map { text throws(Diagnostic) in try Self.name(text, "users") },
            label: try Self.name(arms?["label"]?.text ?? "arm", "label"),
            arms: [candidate: .candidate, control: .control]
        )
        selector = settings["selector"]?.text ?? ""
        interval = settings["every"]?.duration ?? .seconds(5)
        scrape = settings["scrape"]?.duration ?? .seconds(15)
        guard interval > .zero, scrape > .zero else {
            throw Self.bad("'every' or 'scrape' is no time at all", "write 'every: 5 s'")
        }
        token = try settings["token"]?.text.map { text throws(Diagnostic) in try SecretReference(text, key: "token") }
        if token != nil, !isPrivate(wayTo: address, usingProxyVariables: false) {
            throw Self.bad("the token could be read on the way to \(address)", "write 'https://'")
        }
    }

    /// All series at once, with the times at which they were scraped.
    var query: String {
        let seconds = Int((PrometheusSource.missableScrapes * scrape.inSeconds).rounded(.up)) + 1
        let values = names.arms.keys.sorted().map(Self.quotedPattern).joined(separator: "|")
        let metrics = names.all.map(Self.quotedPattern).joined(separator: "|")
        let matchers =
            ["__name__=~\"\(metrics)\"", "\(names.label)=~\"\(values)\""] + (selector.isEmpty ? [] : [selector])
        return "{\(matchers.joined(separator: ","))}[\(seconds)s]"
    }

    /// A text as a regular expression that matches it alone, within double quotes.
    private static func quotedPattern(_ text: String) -> String {
        text.map { character in
            if character == "\"" { return "\\\"" }
            return #"\.+*?()|[]{}^$"#.contains(character) ? "\\\\\(character)" : String(character)
        }.joined()
    }

    private static func name(_ text: String, _ key: String) throws(Diagnostic) -> String {
        let isName = text.utf8.allSatisfy {
            $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ":")
        }
        guard isName, let first = text.utf8.first, !(0x30...0x39).contains(first) else {
            throw bad("'\(key)' is no name of a metric or label", "letters, digits, '_' and ':'")
        }
        return text
    }

    private static func bad(_ what: String, _ hint: String) -> Diagnostic {
        Diagnostic(rule: "bad-source", what, hint: hint)
    }
}

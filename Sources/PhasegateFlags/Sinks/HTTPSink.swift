import FoundationEssentials
import PhasegateCore
import PhasegateHTTP

/// Another flag system's own interface: requests that set a share, and one whose answer shows it.
///
/// What it holds is what the answer shows under the pointers that the plan
/// names, so that a receiver that says yes and changes nothing is found out.
struct HTTPSink: FlagSinkKind {
    static let declaration = FlagSinkDeclaration(
        kind: "http",
        summary: "Sets the share in another flag system by requests of your own, and reads it back.",
        settings: HTTPPlan.keys,
        resolution: BasisPoints(rawValue: 1),
        settingResolution: { HTTPPlan.resolution($0) },
        check: { settings throws(Diagnostic) in _ = try HTTPPlan(settings, in: nil) },
        objection: { _, draw in
            guard draw.cohort != .percent || !draw.allow.isEmpty || !draw.deny.isEmpty else { return nil }
            return "takes a share and not who is in: lists and 'cohort: ranked' stay unknown to it"
        }
    )
    static let missingKey = "What the other system does; it draws by a hash of its own."

    let name: String
    private let plan: HTTPPlan
    private let flag: FlagKey
    private let http: any HTTPClient
    /// Between two attempts; doubled each time, and up to half as much more or less.
    private static let pauses = (first: Duration.milliseconds(100), longest: Duration.seconds(2))

    var propagation: Duration { plan.propagation }

    init(_ sink: Rollout.Flag.Sink, of flag: FlagKey, in context: FlagSinkContext) throws(Diagnostic) {
        name = sink.name
        self.flag = flag
        plan = try HTTPPlan(sink.settings, in: context)
        http = context.http
    }

    func content(for rule: FlagRule) -> String {
        text(rule.share == .none && !plan.off.isEmpty ? plan.expectOff : plan.expect) { expectation in
            expectation.value.filled(for: rule, in: .plain)
        }
    }

    func read() async throws(FlagError) -> String? { try await document().map(content) }

    func write(_ rule: FlagRule, over seen: String?) async throws(FlagError) {
        var version = ""
        if let pointer = plan.versionAt {
            let present = try await document()
            if let present, let seen, content(of: present) != seen {
                throw FlagError(.conflict, "somebody else changed flag '\(flag)' right before")
            }
            version = present?.text(at: pointer) ?? ""
        }
        for call in rule.share == .none && !plan.off.isEmpty ? plan.off : plan.write {
            let answer: HTTPAnswer
            do throws(FlagError) {
                answer = try await send(call, for: rule, version: version)
            } catch {
                throw FlagError(.notWritten, error.message)
            }
            switch answer.status {
            case 200..<300: break
            case 409, 412:
                throw FlagError(.conflict, "the receiver answered \(answer.status): somebody else changed it")
            default: throw FlagError(.notWritten, "the receiver answered \(answer.status) to \(call.method)")
            }
        }
    }

    // MARK: Reading

    /// The answer to `read`; nothing when the flag is not there.
    private func document() async throws(FlagError) -> JSONDocument? {
        let anybody = FlagRule(key: flag, salt: flag.rawValue, share: .none)
        let answer = try await send(plan.read, for: anybody, version: "")
        if answer.status == 404 { return nil }
        guard (200..<300).contains(answer.status) else {
            throw FlagError(.unreadable, "the receiver answered \(answer.status) to \(plan.read.method)")
        }
        guard !answer.isCut, let document = JSONDocument(answer.body) else {
            throw FlagError(.unreadable, answer.isCut ? "the answer is longer than 64 KiB" : "the answer is no JSON")
        }
        return document
    }

    /// What an answer shows: nobody where it looks as after `off`, whatever share would come back with `on`.
    private func content(of document: JSONDocument) -> String {
        let nobody = FlagRule(key: flag, salt: flag.rawValue, share: .none)
        let off = text(plan.expectOff) { document.text(at: $0.pointer) }
        if !plan.off.isEmpty, off == content(for: nobody) { return off }
        return text(plan.expect) { document.text(at: $0.pointer) }
    }

    private func text(_ expectations: [HTTPPlan.Expectation], _ value: (HTTPPlan.Expectation) -> String) -> String {
        let pairs = expectations.map { ($0.pointer.text, SinkJSON.text(value($0))) }
        return SinkJSON.map(Dictionary(pairs) { first, _ in first }).lines
    }

    // MARK: Sending

    /// Sends, again while that can help and there is time, with pauses that no two controllers share.
    private func send(_ call: HTTPCall, for rule: FlagRule, version: String) async throws(FlagError) -> HTTPAnswer {
        let end = ContinuousClock.now + plan.deadline
        var pause = Self.pauses.first
        while true {
            let request = try call.request(
                for: rule,
                version: version,
                timeout: plan.timeout,
                authorities: plan.authorities
            )
            var failure: FlagError?
            do throws(HTTPFailure) {
                let answer = try await http.send(request)
                guard [408, 425, 429].contains(answer.status) || answer.status >= 500 else { return answer }
                failure = FlagError(.unreadable, "the receiver answered \(answer.status) to \(call.method)")
            } catch {
                failure = FlagError(.unreadable, error.message)
                if !error.canRetry { throw FlagError(.unreadable, error.message) }
            }
            let next = pause * Double.random(in: 0.5...1.5)
            if let failure, Task.isCancelled || ContinuousClock.now + next >= end { throw failure }
            try? await Task.sleep(for: next)
            pause = min(pause * 2, Self.pauses.longest)
        }
    }
}

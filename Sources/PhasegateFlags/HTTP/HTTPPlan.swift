import PhasegateCore

/// The settings of an HTTP sink, read and checked.
struct HTTPPlan: Sendable {
    /// A value that has to stand in the answer.
    struct Expectation: Sendable {
        let pointer: JSONPointer
        let value: HTTPTemplate
    }

    let write: [HTTPCall]
    /// Instead of `write` for nobody; empty where there is none.
    let off: [HTTPCall]
    let read: HTTPCall
    let expect: [Expectation]
    let expectOff: [Expectation]
    let versionAt: JSONPointer?
    let propagation: Duration
    let timeout: Duration
    let deadline: Duration
    let authorities: String?

    private static let expectation = Shape.list(
        .map([
            Shape.Key("at", .text, required: true, "JSON pointer, as /strategies/0/parameters/rollout."),
            Shape.Key("is", .scalar, required: true, "The value as text, with placeholders; 'missing' for nothing."),
        ]),
        orOne: false
    )
    private static let calls = Shape.list(.map(HTTPCall.keys), orOne: false)

    static let keys: [Shape.Key] = [
        Shape.Key("resolution", .number(0.01...100), required: true, "The smallest step it represents, in percent."),
        Shape.Key("propagation", .duration, required: true, "How long applications take to notice."),
        Shape.Key("headers", .named(.text), "Of every request; secrets as env:NAME or file:PATH."),
        Shape.Key("write", calls, required: true, "The requests that set a share, in this order."),
        Shape.Key("off", calls, "The requests that set nobody, where these are others."),
        Shape.Key("read", .map(HTTPCall.keys), required: true, "The request whose answer shows the share, in JSON."),
        Shape.Key("expect", expectation, required: true, "What the answer shows."),
        Shape.Key("expect-off", expectation, "What the answer shows after 'off'."),
        Shape.Key("version-at", .text, "JSON pointer to what '{version}' stands for, for an optimistic lock."),
        Shape.Key("timeout", .duration, "For one request; 5 s unless said otherwise."),
        Shape.Key("deadline", .duration, "For a request with all its repetitions; 20 s unless said otherwise."),
        Shape.Key("authorities", .text, "File with the authorities to trust instead of the system's."),
    ]

    /// Reads settings.
    ///
    /// - Parameters:
    ///   - settings: of the shape of `keys`.
    ///   - context: where relative paths begin; nothing while settings are only checked.
    /// - Throws: `Diagnostic`.
    init(_ settings: Setting, in context: FlagSinkContext?) throws(Diagnostic) {
        let shared = settings["headers"]
        func calls(_ key: String, method: String) throws(Diagnostic) -> [HTTPCall] {
            var calls: [HTTPCall] = []
            for call in settings[key]?.list ?? [] {
                calls.append(try HTTPCall(call, key: key, shared: shared, method: method, in: context))
            }
            return calls
        }
        write = try calls("write", method: "PUT")
        off = try calls("off", method: "PUT")
        read = try HTTPCall(settings["read"] ?? .map([:]), key: "read", shared: shared, method: "GET", in: context)
        expect = try Self.expectations(settings, "expect")
        expectOff = try Self.expectations(settings, "expect-off")
        versionAt = try settings["version-at"]?.text.map { text throws(Diagnostic) in
            try JSONPointer(text, key: "version-at")
        }
        let values = SinkSettings(settings)
        propagation = try values.propagation("propagation", default: .zero)
        timeout = try values.propagation("timeout", default: .seconds(5))
        deadline = try values.propagation("deadline", default: .seconds(20))
        authorities = settings["authorities"]?.text.map { context?.absolute($0) ?? $0 }
        try check()
        try Self.checkResolution(settings)
    }

    private static func expectations(_ settings: Setting, _ key: String) throws(Diagnostic) -> [Expectation] {
        var found: [Expectation] = []
        for member in settings[key]?.list ?? [] {
            found.append(
                Expectation(
                    pointer: try JSONPointer(member["at"]?.text ?? "", key: "\(key)/at"),
                    value: try HTTPTemplate(member["is"]?.text ?? "", key: "\(key)/is")
                )
            )
        }
        return found
    }

    private func check() throws(Diagnostic) {
        func refuse(_ message: String, _ hint: String) throws(Diagnostic) {
            throw Diagnostic(rule: "bad-sink", message, hint: hint)
        }
        if write.isEmpty { try refuse("'write' has no request", "write the requests that set a share") }
        if !expect.contains(where: { $0.value.mentions(.sharePercent, .shareBasisPoints) }) {
            try refuse(
                "nothing in 'expect' depends on the share, so that reading back would prove nothing",
                "compare a value with '{share_percent}' or '{share_bp}'"
            )
        }
        if off.isEmpty != expectOff.isEmpty {
            try refuse("'off' and 'expect-off' go together", "say what the answer shows after 'off'")
        }
        if expectOff.contains(where: { $0.value.mentions(.version) })
            || expect.contains(where: { $0.value.mentions(.version) })
        {
            try refuse("a version is nothing to expect: each change has another", "leave '{version}' out of 'expect'")
        }
        if versionAt == nil, (write + off).contains(where: { $0.mentions(.version) }) || read.mentions(.version) {
            try refuse("'{version}' is used and nobody says where it stands", "add 'version-at:' with a JSON pointer")
        }
        if timeout == .zero || deadline < timeout {
            try refuse("'deadline' is shorter than 'timeout', or that is 0", "give a request the time it needs")
        }
    }

    /// The resolution in hundredths of a percent.
    static func resolution(_ settings: Setting) -> BasisPoints? {
        settings["resolution"]?.number.map { BasisPoints(rawValue: max(1, Int(($0 * 100).rounded()))) }
    }

    private static func checkResolution(_ settings: Setting) throws(Diagnostic) {
        guard let number = settings["resolution"]?.number, let points = resolution(settings),
            abs(points.percent - number) < 1e-9, BasisPoints.all.rawValue % points.rawValue == 0
        else {
            throw Diagnostic(
                rule: "bad-sink",
                "'resolution' is not a share in hundredths of a percent that divides 100",
                hint: "write 1 for whole percents"
            )
        }
    }
}

import PhasegateCore
import PhasegateProbes

/// Synthetic users of the controller's own, where an application has none yet.
struct LoadSource: ObservationSourceKind {
    static let declaration = ObservationSourceDeclaration(
        kind: "load",
        summary: "Synthetic users who run the workload of their arm against the target, in an open stream.",
        settings: [
            Shape.Key("candidate", .name, required: true, "The workload of users with the change."),
            Shape.Key("control", .name, required: true, "The workload of users without."),
            Shape.Key("rate", .quantity, required: true, "Requests that begin in a second, as 200/s."),
            Shape.Key("users", .whole(1...10_000_000), "How many users there are; 20000 unless said otherwise."),
            Shape.Key("seed", .whole(0...Int64.max), "Of everything drawn at random; 1 unless said otherwise."),
        ],
        namesUsers: true
    ) { settings throws(Diagnostic) in _ = try rate(settings) }

    private let driver: LoadDriver
    private let plan: LoadPlan

    var sentence: String {
        "\(shortDecimal(plan.rate)) requests a second of \(plan.users) synthetic users, running "
            + "'\(plan.candidate.name)' or '\(plan.control.name)'"
    }

    init(_ settings: Setting, in context: ObservationContext) throws(Diagnostic) {
        plan = LoadPlan(
            candidate: try Self.workload("candidate", settings, context.rollout),
            control: try Self.workload("control", settings, context.rollout),
            rate: try Self.rate(settings),
            users: Int(settings["users"]?.whole ?? 20_000),
            seed: UInt64(settings["seed"]?.whole ?? 1)
        )
        driver = LoadDriver(
            plan,
            flag: context.flag,
            sessions: context.sessions,
            flags: context.flags,
            exposure: context.exposure
        )
    }

    func observe(_ deliver: @Sendable (ObservationBatch) async -> Void) async throws(ObservationError) {
        try await driver.run { event in
            switch event {
            case .results(let results): await deliver(.requests(results.map(\.observation)))
            case .share: break
            case .trouble(let why): await deliver(.gap(why))
            }
        }
    }

    private static func workload(_ key: String, _ settings: Setting, _ rollout: Rollout) throws(Diagnostic) -> Workload
    {
        let name = WorkloadName(rawValue: settings[key]?.text ?? "")
        guard let workload = rollout.workload(name) else {
            throw Diagnostic(rule: "bad-source", "there is no workload '\(name)'")
        }
        return workload
    }

    private static func rate(_ settings: Setting) throws(Diagnostic) -> Double {
        guard let quantity = settings["rate"]?.text.flatMap({ Quantity($0) }), quantity.unit.dimension == .rate,
            let number = quantity.number
        else { throw Diagnostic(rule: "bad-source", "'rate' is no rate of requests", hint: "write 'rate: 200/s'") }
        // A rate's base unit is one a minute.
        let rate = number * quantity.unit.scale / 60
        guard rate > 0, rate <= 100_000 else {
            throw Diagnostic(
                rule: "bad-source",
                "'rate' lies outside of what can be driven",
                hint: "write 'rate: 200/s'"
            )
        }
        return rate
    }
}

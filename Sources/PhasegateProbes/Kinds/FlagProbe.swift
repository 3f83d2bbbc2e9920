public import PhasegateCore

/// Exposure: what is configured, or what users really see.
public struct FlagProbe: ProbeKind {
    /// `flag`.
    public static let name: ProbeName = "flag"
    /// What it measures.
    public static let summary =
        "The share of users a flag exposes: as configured and read back, or as observed in the application's log."
    /// Its keys.
    public static let settings: [Shape.Key] = [
        Shape.Key("flag", .name, required: true, "The flag, by its key under `flags`."),
        Shape.Key(
            "measure",
            .oneOf(["configured", "observed", "deviation"]),
            "`configured` (default), `observed`, or the `deviation` between the two in percentage points."
        ),
        .target,
        Shape.Key(
            "query",
            .text,
            "For `observed` and `deviation`: a SELECT of two columns, exposed and all; may use :since_ms, :now_ms, :gate_ms."
        ),
        Shape.Key("window", .duration, "How far :since_ms lies back; never behind the gate's opening."),
    ]

    private let flag: FlagKey
    private let measure: String
    private let target: TargetName
    private let query: String?
    private let window: Duration?

    /// Reads the settings.
    public init(_ settings: Setting) throws(Diagnostic) {
        flag = FlagKey(rawValue: settings["flag"]?.text ?? "")
        measure = settings["measure"]?.text ?? "configured"
        target = settings.target
        query = settings["query"]?.text
        window = settings["window"]?.duration
        if measure != "configured", query == nil {
            throw Diagnostic(
                rule: "missing-key",
                "measuring what is \(measure) needs a 'query'",
                hint: "write a SELECT of two columns: exposed and all"
            )
        }
    }

    /// Percent of users.
    public var output: ProbeOutput { .number(.share, 0...100) }

    /// Reads the flag back, the application's log, or both.
    public func measure(in context: ProbeContext) async throws(ProbeError) -> Measurement {
        switch measure {
        case "observed":
            return try await observed(in: context).measurement
        case "deviation":
            let (measurement, percent) = try await observed(in: context)
            let configured = try await configured(in: context)
            guard let deviation = Quantity(real: abs(percent - configured.percent), .percent) else {
                throw ProbeError(.notAValue, "the shares give no difference")
            }
            return Measurement(
                deviation,
                samples: measurement.samples,
                resolvedQuery: measurement.resolvedQuery,
                notes: ["configured \(configured), observed \(shortDecimal(percent)) %"]
            )
        default:
            let share = try await configured(in: context)
            guard let quantity = Quantity(real: share.percent, .percent) else {
                throw ProbeError(.notAValue, "the flag has no share")
            }
            return Measurement(quantity, resolvedQuery: "flag '\(flag)' read back")
        }
    }

    private func configured(in context: ProbeContext) async throws(ProbeError) -> BasisPoints {
        guard let share = try await context.flags.share(of: flag) else {
            throw ProbeError(.noData, "flag '\(flag)' was never set")
        }
        return share
    }

    private func observed(in context: ProbeContext) async throws(ProbeError) -> (
        measurement: Measurement, percent: Double
    ) {
        let sql = query ?? ""
        let times = context.timeParameters(window: window).filter { sql.contains(":" + $0.key) }
        let bound = SQLQuery(sql, times)
        guard let row = try await context.rows(bound, on: target).first, row.values.count >= 2,
            let exposed = row.values[0].integer, let all = row.values[1].integer
        else { throw ProbeError(.notAValue, "the query did not return two whole numbers") }
        guard all > 0 else { throw ProbeError(.noData, "nobody was seen yet") }
        let percent = Double(exposed) / Double(all) * 100
        guard (0...all).contains(exposed), let quantity = Quantity(real: percent, .percent) else {
            throw ProbeError(.notAValue, "\(exposed) of \(all) is no share")
        }
        let measurement = Measurement(
            quantity,
            samples: Int(all),
            resolvedQuery: bound.resolved,
            notes: ["\(exposed) of \(all)"]
        )
        return (measurement, percent)
    }
}

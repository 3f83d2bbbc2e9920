import PhasegateCore

/// Keeps work on a live server from adding to what it suffers already.
///
/// After gh-ost's `--max-load` and `--critical-load`
/// (https://github.com/github/gh-ost/blob/master/doc/throttle.md): over the one
/// it pauses, over the other it gives up.
struct Throttle: Sendable {
    /// What is looked at, and from when it matters.
    struct Limit: Hashable, Sendable {
        let measure: ServerActivity
        let pause: Double?
        let abort: Double?
    }

    let limits: [Limit]

    /// How long it rests before it looks again.
    static let rest = Duration.milliseconds(500)

    /// Reads `throttle:` of a probe.
    ///
    /// - Throws: `Diagnostic` when a limit says nothing, or gives up before it pauses.
    init(_ setting: Setting?) throws(Diagnostic) {
        var limits: [Limit] = []
        for item in setting?.list ?? [] {
            guard let measure = item["measure"]?.text.flatMap(ServerActivity.init(rawValue:)) else { continue }
            let limit = Limit(measure: measure, pause: item["pause"]?.number, abort: item["abort"]?.number)
            guard limit.pause != nil || limit.abort != nil else {
                throw Diagnostic(
                    rule: "empty-throttle",
                    "the limit of '\(measure.rawValue)' says neither when to pause nor when to give up",
                    hint: "add 'pause' or 'abort'"
                )
            }
            if let pause = limit.pause, let abort = limit.abort, abort <= pause {
                throw Diagnostic(
                    rule: "contradictory-throttle",
                    "'\(measure.rawValue)' would give up at \(shortDecimal(abort)) and pause only at \(shortDecimal(pause))",
                    hint: "make 'abort' the larger one"
                )
            }
            limits.append(limit)
        }
        self.limits = limits
    }

    /// Its key in rollout files.
    static let key = Shape.Key(
        "throttle",
        .list(
            .map([
                Shape.Key(
                    "measure",
                    .oneOf(ServerActivity.allCases.map(\.rawValue)),
                    required: true,
                    "What is looked at between two pieces, as the `activity` probe measures it."
                ),
                Shape.Key("pause", .number(0...1e12), "Above this the work pauses."),
                Shape.Key("abort", .number(0...1e12), "Above this the work is given up."),
            ]),
            orOne: true
        ),
        "When to rest and when to give up while the server is busy."
    )

    /// Returns when the server has room.
    ///
    /// - Throws: `cancelled` with the reason when the work is given up, `timedOut` with it when the pause lasted too long.
    func wait(
        on session: any DatabaseSession,
        in context: ProbeContext,
        saying what: String
    ) async throws(ProbeError) {
        guard !limits.isEmpty else { return }
        let reader = try context.powered(session, as: (any ActivityReading).self, "tell how busy its server is")
        while true {
            var reason: String?
            for limit in limits {
                let value: Double
                do throws(SessionError) {
                    // Nothing to measure, as a lag without a replica, is nothing to wait for.
                    guard let found = try await reader.activity(limit.measure, within: context.deadline).value else {
                        continue
                    }
                    value = found
                } catch {
                    throw ProbeError(error)
                }
                let seen = "\(limit.measure.rawValue) is \(shortDecimal(value))"
                if let abort = limit.abort, value > abort {
                    throw ProbeError(.cancelled, "\(what) was given up: \(seen), over \(shortDecimal(abort))")
                }
                if let pause = limit.pause, value > pause { reason = "\(seen), over \(shortDecimal(pause))" }
            }
            guard let reason else { return }
            context.progress(ProbeProgress(what: "\(what) pauses: \(reason)", share: nil))
            guard context.deadline > Self.rest else {
                throw ProbeError(.timedOut, "\(what) paused until its deadline: \(reason)")
            }
            await context.pause(Self.rest)
        }
    }
}

/// How far a measurement that takes its time has got.
public struct ProbeProgress: Hashable, Sendable {
    /// What is under way, as `content of trades`.
    public let what: String
    /// How much of it is done, from 0 to 1; nothing where that is not known.
    public let share: Double?

    /// Puts a progress together.
    public init(what: String, share: Double?) {
        self.what = what
        self.share = share
    }
}

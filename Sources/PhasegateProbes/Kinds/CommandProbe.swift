import Glibc
public import PhasegateCore

/// Any program, by the convention of monitoring plug-ins
/// (https://www.monitoring-plugins.org/doc/guidelines.html): exit status 0 ok,
/// 1 warning, 2 critical, 3 unknown; performance data after a bar.
public struct CommandProbe: ProbeKind {
    /// `command`.
    public static let name: ProbeName = "command"
    /// What it measures.
    public static let summary = "What a program says by its exit status, or one value of its performance data."
    /// Its keys.
    public static let settings: [Shape.Key] = [
        Shape.Key("run", .list(.text, orOne: true), required: true, "Program and arguments; no shell is involved."),
        Shape.Key("value", .text, "Label of the performance datum that is the value; the exit status by default."),
        Shape.Key("unit", .text, "Unit of that value."),
    ]

    private let run: [String]
    private let label: String?
    private let unit: Unit

    /// Reads the settings.
    public init(_ settings: Setting) throws(Diagnostic) {
        run = settings.texts("run")
        label = settings["value"]?.text
        unit = try settings.unit()
    }

    /// `ok`, `warning` or `critical`, or a number.
    public var output: ProbeOutput {
        label == nil ? .words(["ok", "warning", "critical"]) : .number(unit.dimension, -1e18...1e18)
    }

    /// Runs the program in the rollout's directory; it and all it started are killed at the deadline.
    public func measure(in context: ProbeContext) async throws(ProbeError) -> Measurement {
        let result = try await ChildProcess(run, in: context.baseDirectory).run(within: context.deadline)
        let line = result.output.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        let words = ["ok", "warning", "critical"]
        guard words.indices.contains(Int(result.status)) else {
            throw ProbeError(.failed, "'\(run.first ?? "")' ended with \(result.status): \(line)")
        }
        let notes = result.output.split(whereSeparator: \.isNewline).prefix(10).map(String.init)
        let command = run.joined(separator: " ")
        guard let label else {
            return Measurement(
                Quantity(word: words[Int(result.status)]),
                samples: 1,
                resolvedQuery: command,
                notes: notes
            )
        }
        guard let datum = performanceDatum(label, in: result.output), let quantity = Quantity(real: datum, unit) else {
            throw ProbeError(.noData, "there is no number '\(label)' in the performance data of: \(line)")
        }
        return Measurement(quantity, samples: 1, resolvedQuery: command, notes: notes)
    }

    /// The value of `'label'=value[unit];…` after the first bar.
    private func performanceDatum(_ label: String, in output: String) -> Double? {
        guard let bar = output.firstIndex(of: "|") else { return nil }
        for datum in output[output.index(after: bar)...].split(whereSeparator: \.isWhitespace) {
            let sides = datum.split(separator: "=", maxSplits: 1)
            guard sides.count == 2, sides[0].filter({ $0 != "'" }) == label else { continue }
            return Double(sides[1].prefix { $0.isNumber || "+-.eE".contains($0) })
        }
        return nil
    }
}

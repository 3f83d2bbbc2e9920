import PhasegateProbes
import PhasegateStatistics

/// Rows of a log as requests.
struct SQLPage {
    private(set) var observations: [Observation] = []
    private(set) var rejected: RejectedLines?

    /// Reads a row by the names of its columns.
    mutating func add(_ row: SQLRow) {
        do throws(LineError) {
            observations.append(try observation(in: row))
        } catch {
            rejected.add(RejectedLines(firstReason: error.reason))
        }
    }

    private func observation(in row: SQLRow) throws(LineError) -> Observation {
        guard let arm = row["arm"]?.text.flatMap({ Arm(rawValue: $0) }) else { throw .unknownArm }
        return Observation(
            arm: arm,
            user: try user(row["user"]),
            microseconds: try number(row["ms"]).map { $0 * 1000 },
            isError: try truth(row["error"]),
            score: try number(row["score"])
        )
    }

    /// Keys that are numbers are the same as their digits, as a flag draws them.
    private func user(_ value: SQLValue?) throws(LineError) -> Observation.User? {
        switch value {
        case nil, .null: nil
        case .text(let text): Observation.User(text)
        case .integer(let number): Observation.User(String(number))
        case .real, .decimal, .blob: throw .badUser
        }
    }

    private func number(_ value: SQLValue?) throws(LineError) -> Double? {
        guard let value, value != .null else { return nil }
        guard let number = value.number else { throw .badNumber }
        return number
    }

    private func truth(_ value: SQLValue?) throws(LineError) -> Bool {
        switch value {
        case nil, .null, .integer(0): false
        case .integer(1): true
        default: throw .badError
        }
    }
}

public import PhasegateCore

extension Setting {
    /// A target's name; `main` where none is given.
    public var target: TargetName { TargetName(rawValue: self["target"]?.text ?? "main") }

    /// Texts under a key, a single one included.
    func texts(_ key: String) -> [String] { self[key]?.list.compactMap(\.text) ?? [] }

    /// A unit under `unit:`.
    ///
    /// - Throws: `Diagnostic` for a word that is no unit.
    func unit() throws(Diagnostic) -> Unit {
        guard let text = self["unit"]?.text else { return .none }
        guard let unit = Unit(rawValue: text) else {
            throw Diagnostic(
                rule: "bad-unit",
                "'\(text)' is no unit",
                hint: "units are \(Unit.allCases.dropFirst().map(\.rawValue).joined(separator: " "))"
            )
        }
        return unit
    }
}

extension Shape.Key {
    /// The key that names a target; the same for all kinds that read a database.
    public static let target = Shape.Key(
        "target",
        .name,
        "The database, by its name under `targets`; `main` by default."
    )
}

extension ProbeContext {
    /// Moments in milliseconds since 1970, for `:now_ms`, `:phase_ms`, `:gate_ms` and, for a window, `:since_ms`.
    func timeParameters(window: Duration?) -> [String: SQLValue] {
        let since = window.map { max(gateOpenedAt, Moment(milliseconds: (now + (.zero - $0)).milliseconds)) }
        return [
            "now_ms": .integer(now.milliseconds),
            "gate_ms": .integer(gateOpenedAt.milliseconds),
            "phase_ms": .integer(phaseEnteredAt.milliseconds),
            "since_ms": .integer((since ?? gateOpenedAt).milliseconds),
        ]
    }

    /// Runs one query on a target's shared session.
    func rows(_ query: SQLQuery, on target: TargetName) async throws(ProbeError) -> [SQLRow] {
        let session = try await session(on: target)
        do {
            return try await session.rows(query, within: deadline)
        } catch {
            if error.code == .corrupt || error.code == .closed || error.code == .unreachable {
                await sessions.forget(target)
            }
            throw ProbeError(error)
        }
    }
}

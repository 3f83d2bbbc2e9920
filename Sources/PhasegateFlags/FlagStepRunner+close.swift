import PhasegateCore

extension FlagStepRunner {
    /// Sets nobody everywhere at once; succeeds only when the store and every sink show it.
    ///
    /// Neither waits for the other: sinks are closed although the store cannot be read, and the other way round.
    func close(_ exposure: ExposureStep, because reason: String) async throws(StepError) -> StepOutcome {
        let location = flags[exposure.flag]
        let draw = location?.draw ?? FlagDraw(salt: exposure.flag.rawValue)
        let last = try? await onQueue { () throws(FlagError) in
            try reader.store(of: exposure.flag).record(of: exposure.flag)
        }
        // The content of nobody does not depend on the draw in files; a table shows the one it is kept with.
        let rule = FlagRule(key: exposure.flag, draw: last?.draw ?? draw, share: exposure.share)
        async let stored = result { () async throws(StepError) in
            try await onQueue { () throws(FlagError) in try store(exposure, because: reason) }
        }
        let closings = await closeSinks(location?.sinks ?? [], to: rule, last: last?.rule, patience: patience)
        let open = closings.filter { !$0.isConfirmed }.map { "sink '\($0.sink)' (\($0.note))" }
        switch await stored {
        case .success(let (before, after)):
            guard open.isEmpty else {
                throw StepError(
                    "flag '\(exposure.flag)' is at \(after.share) in its store, but not confirmed by "
                        + open.joined(separator: ", "),
                    leftTraces: true
                )
            }
            let notes = closings.map { ($0.sink, $0.note) }
            return outcome(after, previous: before, sinks: Dictionary(notes) { first, _ in first })
        case .failure(let error):
            guard !closings.isEmpty else { throw error }
            let rest = open.isEmpty ? "its sinks are" : "not confirmed by " + open.joined(separator: ", ")
            throw StepError("\(error.message); \(rest) at \(exposure.share)", leftTraces: true)
        }
    }

    private func result<Value: Sendable>(
        _ body: () async throws(StepError) -> Value
    ) async -> Result<Value, StepError> {
        do {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }
}

import PhasegateCore
import PhasegateObservations

/// Reports steps of ramps that cannot be decided in their time, whatever is observed.
func lintForecasts(of rollout: Rollout, places: [String: Place]) -> [Diagnostic] {
    rollout.phases.flatMap { phase in
        phase.gates.compactMap { gate in
            RampForecast(gate, of: phase, measuredRate: nil)?.objection.map {
                Diagnostic(
                    rule: "impossible-step",
                    $0,
                    hint: "give it a longer timeout, a larger share, or milder limits",
                    at: places["phases/\(phase.name)/ramp"]
                )
            }
        }
    }
}

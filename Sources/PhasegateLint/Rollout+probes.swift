import PhasegateCore

extension Rollout {
    /// The names that probes use under a key, as `target` or `workload`.
    func namesInProbes(under key: String) -> [String] {
        phases.flatMap(\.criteria).flatMap { $0.probe.settings[key]?.list.compactMap(\.text) ?? [] }
    }
}

import PhasegateCore

extension Rollout {
    /// The names that probes use under a key, as `target` or `workload`, at any depth of their settings.
    func namesInProbes(under key: String) -> [String] {
        phases.flatMap(\.criteria).flatMap { $0.probe.settings.texts(under: key) }
    }
}

extension Setting {
    fileprivate func texts(under key: String) -> [String] {
        members.flatMap { name, value in
            name == key ? value.list.compactMap(\.text) : value.texts(under: key)
        }
    }
}

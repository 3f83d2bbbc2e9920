extension Rollout {
    /// The same rollout with all its waits shortened; criteria, samples and steps stay.
    ///
    /// - Parameter scale: how many planned seconds pass in one real second; 1 or less changes nothing.
    /// - Returns: the same plan with shorter waits.
    public func scaled(by scale: Double) -> Rollout {
        guard scale > 1 else { return self }
        return Rollout(
            name: name,
            title: title,
            document: document,
            sources: sources,
            targets: targets,
            workloads: workloads,
            thresholds: thresholds,
            flags: flags,
            components: components,
            phases: phases.map { $0.scaled(by: scale) },
            register: register,
            notices: notices
        )
    }
}

extension Phase {
    fileprivate func scaled(by scale: Double) -> Phase {
        Phase(
            name: name,
            title: title,
            sources: sources,
            needs: needs,
            window: window,
            effort: effort,
            reversibility: reversibility,
            risks: risks,
            clock: clock.scaled(by: scale),
            mitigations: mitigations,
            criteria: criteria,
            change: change,
            compensation: compensation,
            ramp: ramp?.scaled(by: scale),
            approvals: approvals
        )
    }
}

extension Ramp {
    fileprivate func scaled(by scale: Double) -> Ramp {
        Ramp(
            flag: flag,
            steps: steps,
            soak: soak / scale,
            leastSoaks: leastSoaks?.map { $0 / scale },
            holdBack: holdBack,
            observation: observation?.scaled(by: scale)
        )
    }
}

import PhasegateCore

/// Builds the model from what has its shape, and goes on where something is missing.
///
/// A part with a mistake is built as far as it can be: a phase with a broken
/// criterion still takes part in the search for cycles, and a criterion with a
/// broken bound still counts for its gate. Such a rollout is never run.
struct RolloutBuilder {
    /// What is wrong so far.
    var problems = ProblemList()
    /// Where things stand.
    var places: [String: Place] = [:]
    /// Names that are used and have to be declared somewhere.
    var references: [Reference] = []
    /// Names that are declared, right or not.
    var declared: [Reference.Kind: [String]] = [:]
    /// Where criteria stand, to find names given twice.
    var criterionPlaces: [String: Place] = [:]
    /// The strength that a shared threshold gives its criteria.
    var strengths: [ThresholdName: Criterion.Strength] = [:]
    /// The shared thresholds.
    var thresholds: [Rollout.Threshold] = []

    /// Builds a rollout.
    ///
    /// - Parameters:
    ///   - file: the checked file.
    ///   - register: the checked register, wherever it was written.
    ///   - isRegisterWhole: whether nothing of the register was lost on the way here.
    /// - Returns: the rollout, as far as it can be read.
    mutating func build(_ file: CheckedMap, register: CheckedMap?, isRegisterWhole: Bool) -> Rollout {
        let targets = targets(file["targets"]?.map)
        let workloads = workloads(file["workloads"]?.map)
        let flags = flags(file["flags"]?.map)
        thresholds = thresholds(file["thresholds"]?.map)
        let components = components(file["components"]?.map)
        let builtRegister = register.map { self.register($0) } ?? .empty
        let phases = phases(file["phases"]?.list ?? [])
        if file["phases"].map({ $0.list.isEmpty }) ?? false {
            problems.report(
                "missing-key",
                "there are no phases",
                hint: "a rollout has at least one phase",
                at: file["phases"]?.place
            )
        }
        let notices = notices(file["notices"]?.map, grid: isRegisterWhole ? builtRegister.grid : nil)
        resolve(isRegisterWhole: isRegisterWhole)
        findCycles(in: phases)
        let name = file["rollout"]?.text ?? "unnamed"
        return Rollout(
            name: RolloutName(rawValue: name),
            title: file["title"]?.text ?? name,
            document: file["document"]?.text,
            sources: sources(file),
            targets: targets,
            workloads: workloads,
            thresholds: thresholds,
            flags: flags,
            components: components,
            phases: phases,
            register: builtRegister,
            notices: notices
        )
    }

    /// The texts under `source:` of a map; empty ones do not count.
    func sources(_ map: CheckedMap) -> [String] {
        texts(map["source"]).filter { !$0.trimmingBlanks().isEmpty }
    }

    /// The texts of a list.
    func texts(_ value: CheckedValue?) -> [String] { value?.list.compactMap(\.text) ?? [] }

    /// Notes that names are used.
    mutating func refer(to kind: Reference.Kind, _ values: [CheckedValue], from user: String) {
        for value in values {
            guard let name = value.text else { continue }
            references.append(Reference(kind: kind, name: name, place: value.place, user: user))
        }
    }

    /// Notes that a name is declared; reports it when it is so already.
    ///
    /// - Returns: whether the name is new.
    mutating func declare(_ kind: Reference.Kind, _ name: String, at place: Place) -> Bool {
        let path = "\(kind.folder)/\(name)"
        if let first = places[path] {
            reportDuplicate(kind.rawValue, name, first: first, at: place)
            return false
        }
        places[path] = place
        declared[kind, default: []].append(name)
        return true
    }

    /// Reports a name that is given twice.
    mutating func reportDuplicate(_ kind: String, _ name: String, first: Place, at place: Place) {
        problems.report(
            "duplicate-name",
            "there are two of \(kind) \(quoted(name)), the first on line \(first.line)",
            hint: "rename one of them",
            at: place
        )
    }
}

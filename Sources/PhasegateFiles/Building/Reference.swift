import PhasegateCore

/// A name that is used at a place and has to be declared elsewhere.
struct Reference {
    /// What can be referred to; the raw value is the word for people.
    enum Kind: String, CaseIterable {
        case phase
        case target
        case workload
        case flag
        case risk
        case threshold
        case component
        case channel

        /// First part of the paths of places.
        var folder: String { rawValue + "s" }
    }

    /// What it refers to.
    let kind: Kind
    /// The name.
    let name: String
    /// Where it is used.
    let place: Place
    /// What uses it, for people.
    let user: String
}

extension RolloutBuilder {
    /// Reports every name that is used and not declared.
    mutating func resolve(isRegisterWhole: Bool) {
        let known = declared.mapValues(Set.init)
        for reference in references where !(known[reference.kind]?.contains(reference.name) ?? false) {
            // A register that could not be read must not make all its risks unknown.
            if reference.kind == .risk, !isRegisterWhole { continue }
            guard !problems.isFull else { return }
            let names = declared[reference.kind] ?? []
            problems.report(
                "unknown-\(reference.kind.rawValue)",
                "\(reference.user) uses \(reference.kind.rawValue) \(quoted(reference.name)), which is not declared",
                hint: nearest(to: reference.name, among: names.prefix(1000)).map { "did you mean '\($0)'?" }
                    ?? (names.isEmpty
                        ? "no \(reference.kind.rawValue) is declared"
                        : "declared are \(names.prefix(12).joined(separator: ", "))"),
                at: reference.place
            )
        }
    }

    /// Reports every circle of phases that need each other.
    mutating func findCycles(in phases: [Phase]) {
        var needs: [PhaseName: [PhaseName]] = [:]
        for phase in phases where needs[phase.name] == nil { needs[phase.name] = phase.needs }
        for cycle in cycles(in: needs, order: phases.map(\.name)) {
            guard let last = cycle.last, let first = cycle.first else { continue }
            let path = (cycle + [first]).map { "'\($0)'" }.joined(separator: " needs ")
            problems.report(
                "needs-cycle",
                cycle.count == 1 ? "phase '\(first)' needs itself" : "phases wait for each other: \(path)",
                hint: "take one of the needs away",
                at: places["phases/\(last)/needs/\(first)"] ?? places["phases/\(first)"]
            )
        }
    }

    /// One circle for each group of phases that can never begin, without recursion.
    private func cycles(in needs: [PhaseName: [PhaseName]], order: [PhaseName]) -> [[PhaseName]] {
        var stuck = stuck(in: needs)
        var cycles: [[PhaseName]] = []
        while let start = order.first(where: stuck.contains) {
            var walk: [PhaseName] = []
            var positions: [PhaseName: Int] = [:]
            var current: PhaseName? = start
            while let name = current, positions[name] == nil {
                positions[name] = walk.count
                walk.append(name)
                current = needs[name]?.first(where: stuck.contains)
            }
            if let name = current, let position = positions[name] { cycles.append(Array(walk[position...])) }
            // What only leads into a circle already found is no circle of its own.
            stuck.subtract(walk)
            stuck = self.stuck(in: needs.filter { stuck.contains($0.key) })
        }
        return cycles
    }

    /// The phases that can never begin because their needs never end.
    private func stuck(in needs: [PhaseName: [PhaseName]]) -> Set<PhaseName> {
        var open = needs.mapValues { $0.count { needs[$0] != nil } }
        var users: [PhaseName: [PhaseName]] = [:]
        for (name, needed) in needs {
            for need in needed where needs[need] != nil { users[need, default: []].append(name) }
        }
        var free = open.filter { $0.value == 0 }.map(\.key)
        while let name = free.popLast() {
            open[name] = nil
            for user in users[name] ?? [] {
                guard let count = open[user] else { continue }
                open[user] = count - 1
                if count == 1 { free.append(user) }
            }
        }
        return Set(open.keys)
    }
}

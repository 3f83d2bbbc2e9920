import PhasegateCore

/// The cases of one phase, with the counts that consumers rely on.
struct JUnitSuite {
    /// Name; unique within the report.
    let name: String
    /// Class name of its cases, unique within the report; dots inside names would read as packages.
    let classname: String
    /// When it began; nothing if it has not.
    let from: Moment?
    /// Time on the wall clock.
    let milliseconds: Int64
    private(set) var tests = 0
    private(set) var failures = 0
    private(set) var errors = 0
    private(set) var skipped = 0
    private(set) var warnings = 0
    let report: RolloutReport
    /// Nothing for a rollout without phases.
    private let phase: RolloutReport.PhaseReport?
    /// What people signed for criteria of this phase.
    private let waivers: [String: RolloutReport.Signature]

    /// The suites of a report: one a phase, one that complains where there are none.
    static func all(of report: RolloutReport) -> [JUnitSuite] {
        guard !report.phases.isEmpty else {
            let name = JUnitCase.name(report.rollout.rawValue)
            return [JUnitSuite(nil, named: name, classname: Self.classname(report, nil), in: report)]
        }
        var names = UniqueNames(capacity: report.phases.count)
        // Apart from the names: without their dots, two names may become one.
        var classnames = UniqueNames(capacity: report.phases.count)
        return report.phases.map { phase in
            let name = names.unique(JUnitCase.name(phase.name.rawValue))
            let classname = classnames.unique(Self.classname(report, name))
            return JUnitSuite(phase, named: name, classname: classname, in: report)
        }
    }

    private init(
        _ phase: RolloutReport.PhaseReport?,
        named name: String,
        classname: String,
        in report: RolloutReport
    ) {
        self.name = name
        self.classname = classname
        self.report = report
        self.phase = phase
        from = phase == nil ? report.openedAt : phase?.from
        milliseconds = phase?.from.map { max(0, ((phase?.endedAt ?? report.generatedAt) - $0).milliseconds) } ?? 0
        waivers = Dictionary(
            report.signatures.lazy.filter { $0.kind == .waiver && $0.phase == phase?.name }.map { ($0.subject, $0) }
        ) { _, last in last }
        count()
    }

    private static func classname(_ report: RolloutReport, _ phase: String?) -> String {
        let parts = ["phasegate", JUnitCase.name(report.rollout.rawValue).replacing(".", with: "_")]
        return (parts + [phase?.replacing(".", with: "_")].compactMap { $0 }).joined(separator: ".")
    }

    /// Hands each case to the closure, in order; the same value serves all of them.
    func forEachCase(_ profile: JUnitProfile, _ body: (inout JUnitCase) throws -> Void) rethrows {
        var current = JUnitCase(hasTraits: profile == .ci)
        guard let phase else {
            current.becomeMissingPhases()
            try body(&current)
            return
        }
        var names = UniqueNames(capacity: tests)
        func hand() throws {
            current.rename(names.unique(current.name))
            current.text.breakDirectives()
            try body(&current)
        }
        current.become(phase, in: report)
        try hand()
        let isReached = phase.progress != .ahead
        for criterion in phase.criteria {
            current.become(criterion, waiver: waivers[criterion.name.rawValue], isReached: isReached)
            try hand()
        }
        for stage in phase.stages where stage.kind == .step {
            current.become(step: stage)
            try hand()
        }
    }

    /// Counts without making texts: the counts stand before the cases.
    private mutating func count() {
        guard let phase else {
            count(.unknown)
            return
        }
        count(JUnitResult(phase, in: report))
        for criterion in phase.criteria { count(JUnitResult(criterion)) }
        for stage in phase.stages where stage.kind == .step { count(JUnitResult(step: stage)) }
    }

    private mutating func count(_ result: JUnitResult) {
        tests += 1
        switch result {
        case .passed: break
        case .warned: warnings += 1
        case .failure: failures += 1
        case .error: errors += 1
        case .skipped: skipped += 1
        }
    }
}

/// Gives each its own name: consumers drop the second of two cases with the same.
///
/// The same names in the same order become the same.
private struct UniqueNames {
    // Digests instead of names, which would cost memory. Of two names with one
    // digest the second gets a number, as of two equal ones.
    private var seen: Set<UInt64>
    /// The next number of each name that came twice.
    private var numbers: [UInt64: Int] = [:]

    init(capacity: Int) { seen = Set(minimumCapacity: capacity) }

    mutating func unique(_ name: String) -> String {
        let digest = Self.digest(name)
        if seen.insert(digest).inserted { return name }
        while true {
            let number = numbers[digest, default: 2]
            numbers[digest] = number + 1
            let numbered = "\(name) (\(number))"
            if seen.insert(Self.digest(numbered)).inserted { return numbered }
        }
    }

    /// FNV-1a, 64 bits (Fowler, Noll, Vo): the same in each run, unlike Swift's own.
    private static func digest(_ name: String) -> UInt64 {
        name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}

import FoundationEssentials
public import PhasegateCore

/// Loads rollout files and reports every problem of a file at once, each with its place.
///
/// A file passes two stages: its tree is held against the grammar, then the
/// model is built from what is well-shaped. Both go on after a mistake.
public struct RolloutLoader: Sendable {
    private let probes: [ProbeDeclaration]
    private let channels: [ChannelDeclaration]
    private let sinks: [FlagSinkDeclaration]
    private let sources: [ObservationSourceDeclaration]
    private let readFile: @Sendable (String) throws -> [UInt8]

    /// Prepares a loader that reads from the file system.
    ///
    /// - Parameters:
    ///   - probes: the probe kinds that criteria may use.
    ///   - channels: the kinds of notice channels.
    ///   - sinks: the kinds of flag sinks.
    ///   - sources: the kinds of sources of observations.
    public init(
        probes: [ProbeDeclaration],
        channels: [ChannelDeclaration],
        sinks: [FlagSinkDeclaration],
        sources: [ObservationSourceDeclaration]
    ) {
        self.init(probes: probes, channels: channels, sinks: sinks, sources: sources) { path in
            try readBytes(of: path)
        }
    }

    /// Prepares a loader with its own way of reading files.
    ///
    /// - Parameters:
    ///   - probes: the probe kinds that criteria may use.
    ///   - channels: the kinds of notice channels.
    ///   - sinks: the kinds of flag sinks.
    ///   - sources: the kinds of sources of observations.
    ///   - readFile: reads a file, the rollout's or its register's; what it throws is shown to the user.
    public init(
        probes: [ProbeDeclaration],
        channels: [ChannelDeclaration],
        sinks: [FlagSinkDeclaration],
        sources: [ObservationSourceDeclaration],
        readFile: @escaping @Sendable (String) throws -> [UInt8]
    ) {
        self.probes = probes
        self.channels = channels
        self.sinks = sinks
        self.sources = sources
        self.readFile = readFile
    }

    /// Loads a rollout.
    ///
    /// - Parameter path: the file, as the user gave it.
    /// - Returns: the rollout; it may carry warnings.
    /// - Throws: `Diagnostics` with every problem when there is an error among them.
    public func load(_ path: String) throws(Diagnostics) -> LoadedRollout {
        try Self.whole(diagnostics(of: path))
    }

    /// Loads a rollout from its text.
    ///
    /// - Parameters:
    ///   - text: the contents of the file.
    ///   - name: the path it would have; places show it, and a register's path is relative to it.
    /// - Returns: the rollout; it may carry warnings.
    /// - Throws: `Diagnostics` with every problem when there is an error among them.
    public func load(text: String, named name: String) throws(Diagnostics) -> LoadedRollout {
        try Self.whole(diagnostics(ofText: text, named: name))
    }

    /// Finds the problems of a rollout file.
    ///
    /// - Parameter path: the file, as the user gave it.
    /// - Returns: all problems in the order of the file, and as much of the rollout as could be read, so that
    ///   further checks can add theirs.
    public func diagnostics(of path: String) -> ([Diagnostic], LoadedRollout?) {
        var problems = ProblemList()
        guard let text = read(path, problems: &problems) else { return (Diagnostics(problems.all).all, nil) }
        return diagnostics(ofText: text, named: path)
    }

    /// Finds the problems of a rollout file's text.
    ///
    /// - Parameters:
    ///   - text: the contents of the file.
    ///   - name: the path it would have.
    /// - Returns: all problems in the order of the file, and as much of the rollout as could be read.
    public func diagnostics(ofText text: String, named name: String) -> ([Diagnostic], LoadedRollout?) {
        var problems = ProblemList()
        let loaded = load(text, named: name, problems: &problems)
        return (Diagnostics(problems.all).all, loaded)
    }

    private static func whole(_ result: ([Diagnostic], LoadedRollout?)) throws(Diagnostics) -> LoadedRollout {
        let (diagnostics, loaded) = result
        guard let loaded, !diagnostics.contains(where: { $0.severity == .error }) else {
            throw Diagnostics(diagnostics)
        }
        return loaded
    }

    private func load(_ text: String, named name: String, problems: inout ProblemList) -> LoadedRollout? {
        guard let root = tree(of: text, named: name, problems: &problems),
            isVersionKnown(root, problems: &problems),
            let file = check(root, against: RolloutGrammar.shape, named: name, problems: &problems)
        else { return nil }
        let register = register(of: file, rolloutPath: name, problems: &problems)
        var builder = RolloutBuilder()
        let isRegisterWhole = file.has("risks") == (register?["risks"] != nil)
        let rollout = builder.build(file, register: register, isRegisterWhole: isRegisterWhole)
        builder.checkSinks(of: rollout, kinds: sinks)
        builder.checkObservations(of: rollout, probes: probes, sources: sources)
        problems.add(builder.problems.all)
        return LoadedRollout(
            rollout: rollout,
            places: builder.places,
            digestText: canonicalJSON(of: rollout, problems: &problems),
            warnings: Diagnostics(problems.all.filter { $0.severity == .warning }).all
        )
    }

    func tree(of text: String, named name: String, problems: inout ProblemList) -> FileNode? {
        let start = Place(file: name, line: 1, column: 1)
        guard text.utf8.count <= FileLimits.bytes else {
            problems.report("too-large", "the file has more than \(FileLimits.bytes / 1024 / 1024) MB", at: start)
            return nil
        }
        var found = ProblemList()
        let node = composeYAML(text, file: name, problems: &found)
        problems.add(found.all)
        guard let node, !node.isNull else {
            if !found.hasErrors { problems.report("empty-file", "the file is empty", at: start) }
            return nil
        }
        return node
    }

    /// A file of another version is not held against this grammar: what it says may be right there.
    func isVersionKnown(_ root: FileNode, problems: inout ProblemList) -> Bool {
        guard let node = root.member("phasegate"), case .scalar(let scalar) = node.content, let version = scalar.whole,
            version != RolloutGrammar.version
        else { return true }
        problems.report(
            "unsupported-version",
            "the file has format version \(version), and this program reads version \(RolloutGrammar.version)",
            hint: version > RolloutGrammar.version ? "use a newer phasegate" : "write 'phasegate: 1'",
            at: node.place
        )
        return false
    }

    func check(
        _ node: FileNode,
        against shape: Shape,
        named name: String,
        problems: inout ProblemList
    ) -> CheckedMap? {
        var checker = ShapeChecker(
            plugIns: PlugIns(probes: probes, channels: channels, sinks: sinks, sources: sources),
            rules: RolloutGrammar.rules
        )
        let label = name.split(separator: "/").last.map(String.init) ?? name
        let checked = checker.check(node, against: shape, under: label)
        problems.add(checker.problems.all)
        return checked?.map
    }

    private func register(of file: CheckedMap, rolloutPath: String, problems: inout ProblemList) -> CheckedMap? {
        guard let value = file["risks"] else { return nil }
        guard let reference = value.text else { return value.map }
        let path = sibling(reference, of: rolloutPath)
        var found = ProblemList()
        let text = read(path, problems: &found)
        // A file that cannot be read is the fault of the line that names it.
        problems.add(
            found.all.map { Diagnostic($0.severity, rule: $0.rule, $0.message, hint: $0.hint, at: value.place) }
        )
        guard let text, let root = tree(of: text, named: path, problems: &problems) else { return nil }
        return check(root, against: RolloutGrammar.register, named: path, problems: &problems)
    }

    func read(_ path: String, problems: inout ProblemList) -> String? {
        let start = Place(file: path, line: 1, column: 1)
        let bytes: [UInt8]
        do {
            bytes = try readFile(path)
        } catch {
            let reason = (error as? ReadError)?.reason ?? "\(error)"
            problems.report("unreadable-file", "cannot read \(quoted(path)): \(reason)", at: start)
            return nil
        }
        guard bytes.count <= FileLimits.bytes else {
            problems.report("too-large", "the file has more than \(FileLimits.bytes / 1024 / 1024) MB", at: start)
            return nil
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            problems.report("not-utf8", "the file is not UTF-8 text", hint: "save it as UTF-8", at: start)
            return nil
        }
        return text
    }

    private func canonicalJSON(of rollout: Rollout, problems: inout ProblemList) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(rollout), as: UTF8.self)
        } catch {
            problems.report("bad-yaml", "the rollout has a value that cannot be kept", at: nil)
            return ""
        }
    }
}

/// A path that is written in a file, relative to that file.
private func sibling(_ path: String, of file: String) -> String {
    guard !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return path }
    return String(file[...slash]) + path
}

import PhasegateCore
import Yams

/// Reads YAML text into a tree with places.
///
/// - Parameters:
///   - text: one document.
///   - file: path as the user gave it, for the places.
///   - problems: takes what is wrong.
/// - Returns: the tree, as far as the text is YAML; nothing where it is not, or is empty.
func composeYAML(_ text: String, file: String, problems: inout ProblemList) -> FileNode? {
    var source = SourceText(text, file: file)
    if let index = source.scalars.firstIndex(where: { !$0.isAllowedInYAML }) {
        let code = String(source.scalars[index].value, radix: 16, uppercase: true)
        problems.report("bad-yaml", "the character U+\(code) is not allowed here", at: source.place(at: index))
        return nil
    }
    if let index = indexOfExcessiveDepth(in: source.scalars, limit: FileLimits.estimatedDepth) {
        problems.reportDepth(at: source.place(at: index))
        return nil
    }
    // With the asterisk gone an alias is a plain scalar, and nothing is expanded.
    let aliasMark = source.standInForAliasMarks()
    for _ in 0...FileLimits.doubledKeys {
        do {
            let parser = try Parser(yaml: source.text, resolver: .basic, encoding: .utf8)
            guard let root = try parser.singleRoot() else { return nil }
            var reader = NodeReader(source: source, aliasMark: aliasMark)
            let node = reader.read(root, depth: 1)
            // Nodes hold their anchors weakly; the parser is what keeps them alive.
            withExtendedLifetime(parser) {}
            problems.add(reader.problems)
            return node
        } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
            guard source.hideKey(at: context.mark) else {
                let names = keys.map { quoted(source.restored($0)) }.joined(separator: ", ")
                problems.report(
                    "duplicate-key",
                    "\(names) is written twice in one map",
                    at: place(context.mark, in: file)
                )
                return nil
            }
        } catch let error as YamlError {
            problems.add([diagnostic(for: error, in: source)])
            return nil
        } catch {
            problems.report("bad-yaml", "the file cannot be parsed", at: source.place(at: 0))
            return nil
        }
    }
    problems.report(
        "duplicate-key",
        "more than \(FileLimits.doubledKeys) keys are written twice",
        at: source.place(at: 0)
    )
    return nil
}

private func place(_ mark: Mark, in file: String) -> Place {
    Place(file: file, line: max(1, mark.line), column: max(1, mark.column))
}

extension SourceText {
    /// Makes a key differ from its namesakes for the parser; `restored` makes it the same again.
    fileprivate mutating func hideKey(at mark: Mark) -> Bool {
        guard var index = index(line: mark.line, column: mark.column) else { return false }
        let first = scalars[index]
        if first == "\"" || first == "'" {
            index += 1
            // An empty key or an escape cannot lose its first character.
            guard scalars.indices.contains(index), scalars[index] != first, scalars[index] != "\\" else { return false }
        } else if "[{?|>&!".unicodeScalars.contains(first) {
            return false
        }
        return standIn(at: index) != nil
    }
}

/// Turns the parser's nodes into ours.
private struct NodeReader {
    let source: SourceText
    let aliasMark: Unicode.Scalar?
    var problems: [Diagnostic] = []
    private var hasReportedDepth = false

    init(source: SourceText, aliasMark: Unicode.Scalar?) {
        self.source = source
        self.aliasMark = aliasMark
    }

    mutating func read(_ node: Node, depth: Int) -> FileNode? {
        let place = place(of: node)
        guard depth <= FileLimits.depth else {
            if !hasReportedDepth { problems.append(.tooDeep(at: place)) }
            hasReportedDepth = true
            return nil
        }
        if let anchor = node.anchor {
            refuseReference("&" + anchor.rawValue, at: place)
        }
        refuseTag(of: node, at: place)
        switch node {
        case .scalar(let scalar):
            return FileNode(place: place, content: .scalar(read(scalar, at: place)))
        case .sequence(let sequence):
            return FileNode(place: place, content: .list(sequence.compactMap { read($0, depth: depth + 1) }))
        case .mapping(let mapping):
            return FileNode(place: place, content: .map(mapping.compactMap { member($0, $1, depth: depth + 1) }))
        case .alias(let alias):
            refuseReference("*" + alias.anchor.rawValue, at: place)
            return nil
        }
    }

    private mutating func member(_ key: Node, _ value: Node, depth: Int) -> FileNode.Member? {
        let keyPlace = place(of: key)
        let readValue = read(value, depth: depth)
        guard case .scalar(let scalar) = key else {
            problems.append(Diagnostic(rule: "wrong-type", "a key must be a single word", at: keyPlace))
            return nil
        }
        let text = read(scalar, at: keyPlace).text
        return readValue.map { FileNode.Member(key: text, keyPlace: keyPlace, value: $0) }
    }

    private mutating func read(_ scalar: Node.Scalar, at place: Place) -> FileNode.Scalar {
        let text = source.restored(scalar.string)
        let isPlain = scalar.style == .plain
        if isPlain, let aliasMark, scalar.string.unicodeScalars.first == aliasMark { refuseReference(text, at: place) }
        return FileNode.Scalar(text: text, isPlain: isPlain)
    }

    private func place(of node: Node) -> Place {
        node.mark.map { PhasegateFiles.place($0, in: source.file) } ?? source.place(at: 0)
    }

    private mutating func refuseReference(_ text: String, at place: Place) {
        problems.append(
            Diagnostic(
                rule: "alias-bomb",
                "anchors and aliases are not read, but there is \(quoted(text))",
                hint: "write the value out, or put it in quotes if it is text",
                at: place
            )
        )
    }

    private mutating func refuseTag(of node: Node, at place: Place) {
        let tag = node.tag.description
        guard !tag.isEmpty, !Self.knownTags.contains(tag) else { return }
        problems.append(
            Diagnostic(
                rule: "bad-yaml",
                "tags are not read, but there is \(quoted(tag))",
                hint: "put text that begins with '!' in quotes",
                at: place
            )
        )
    }

    private static let knownTags: Set<String> = Set(
        ["str", "seq", "map", "int", "float", "bool", "null"].map { "tag:yaml.org,2002:\($0)" }
    )
}

private func diagnostic(for error: YamlError, in source: SourceText) -> Diagnostic {
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
        .composer(let context, let problem, let mark, _):
        let place = place(mark, in: source.file)
        if problem.hasPrefix("Maximum nesting level") { return .tooDeep(at: place) }
        if problem == "but found another document" {
            return Diagnostic(
                rule: "several-documents",
                "a second document begins here",
                hint: "one file holds one rollout; remove the '---'",
                at: place
            )
        }
        let during = context.map { " \($0.text)" } ?? ""
        return Diagnostic(
            rule: "bad-yaml",
            "this is not YAML:\(during) \(problem)",
            hint: hint(for: problem, during: during),
            at: place
        )
    case .reader(let problem, _, _, _), .writer(let problem), .emitter(let problem), .representer(let problem):
        return Diagnostic(rule: "bad-yaml", "the text cannot be read: \(problem)", at: source.place(at: 0))
    case .no, .memory, .dataCouldNotBeDecoded, .duplicatedKeysInMapping:
        return Diagnostic(rule: "bad-yaml", "the text cannot be parsed", at: source.place(at: 0))
    @unknown default:
        return Diagnostic(rule: "bad-yaml", "the text cannot be parsed", at: source.place(at: 0))
    }
}

private func hint(for problem: String, during: String) -> String? {
    if during.contains("block scalar") { return "put a condition that begins with '>' in quotes, as in \"> 100 ms\"" }
    if problem.contains("cannot start any token") {
        return "indent with blanks instead of tabs, and put text that begins with '%', '@' or '`' in quotes"
    }
    if problem.contains("mapping values are not allowed") {
        return "put text that contains ': ' in quotes, and check the indentation"
    }
    if problem.contains("could not find expected ':'") || problem.contains("did not find expected key") {
        return "check the indentation, and that every key ends in ':'"
    }
    return nil
}

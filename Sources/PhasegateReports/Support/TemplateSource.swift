import FoundationEssentials

/// The text of a template with where it comes from.
struct TemplateSource {
    /// Something between two pairs of braces.
    struct Tag: Hashable {
        /// `#`, `^`, `/`, `>`, `{` and so on; a blank for a plain variable.
        let kind: Character
        let name: String
    }

    let name: String
    let file: String
    let text: String
    let isReplacement: Bool

    init(name: String, text: String, file: String? = nil) {
        self.name = name
        self.file = file ?? "\(name).mustache"
        self.text = text.replacing("\r\n", with: "\n")
        isReplacement = file != nil
    }

    /// The tags in their order.
    var tags: [Tag] {
        var tags: [Tag] = []
        var rest = Array(text.utf8)[...]
        while let open = rest.indices.dropLast().first(where: { rest[$0] == 0x7B && rest[$0 + 1] == 0x7B }) {
            rest = rest[(open + 2)...]
            let close = rest.indices.dropLast().first { rest[$0] == 0x7D && rest[$0 + 1] == 0x7D } ?? rest.endIndex
            var words = String(decoding: rest[..<close], as: UTF8.self).drop(while: \.isWhitespace)
            rest = rest[min(rest.endIndex, close + 2)...]
            let kind: Character = words.first.flatMap { "#^/>{&!=%$<".contains($0) ? $0 : nil } ?? " "
            if kind != " " { words = words.dropFirst() }
            let name = words.drop(while: \.isWhitespace)
            tags.append(Tag(kind: kind, name: String(name.prefix { !$0.isWhitespace && $0 != "}" })))
        }
        return tags
    }

    /// The files of a directory that replace templates, in the order of their names.
    ///
    /// - Parameters:
    ///   - directory: where they are.
    ///   - names: of the templates there are.
    /// - Returns: one source a file.
    /// - Throws: `TemplateError` for a directory or file that cannot be read, and for a name of none of ours.
    static func read(from directory: String, names: [String]) throws(TemplateError) -> [TemplateSource] {
        let files: [String]
        do {
            files = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
        } catch {
            throw TemplateError(file: directory, message: "the directory cannot be read")
        }
        var sources: [TemplateSource] = []
        for file in files where !file.hasPrefix(".") && file != "README.md" {
            let path = directory.hasSuffix("/") ? directory + file : "\(directory)/\(file)"
            let name = file.hasSuffix(".mustache") ? String(file.dropLast(9)) : ""
            guard names.contains(name) else {
                throw TemplateError(
                    file: path,
                    message: "it replaces no template; there are \(names.joined(separator: ", "))"
                )
            }
            guard let bytes = FileManager.default.contents(atPath: path) else {
                throw TemplateError(file: path, message: "the file cannot be read")
            }
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw TemplateError(file: path, message: "it is not UTF-8")
            }
            sources.append(TemplateSource(name: name, text: text, file: path))
        }
        return sources
    }
}

/// What templates may ask for: the words that ours ask for.
struct TemplateVocabulary {
    private let variables: Set<String>
    /// Names of drawings; a test sees to it that no text has one of them, since triple braces are allowed by name.
    private let drawings: Set<String>
    private let partials: Set<String>

    /// Collects the words of templates.
    init(of sources: [TemplateSource]) {
        let tags = sources.flatMap(\.tags)
        variables = Set(tags.filter { "#^ ".contains($0.kind) }.map(\.name))
        drawings = Set(tags.filter { $0.kind == "{" }.map(\.name))
        partials = Set(sources.map(\.name))
    }

    /// Refuses a template that asks for what no page has, before a page is made of it.
    ///
    /// - Throws: `TemplateError` with the file and the variable.
    func check(_ source: TemplateSource) throws(TemplateError) {
        for tag in source.tags {
            switch tag.kind {
            case "!", "/": continue
            case ">" where partials.contains(tag.name): continue
            case ">":
                throw TemplateError(
                    file: source.file,
                    variable: tag.name,
                    message: "there is no template '\(tag.name)' to include"
                )
            case "{" where drawings.contains(tag.name): continue
            case "{":
                throw TemplateError(
                    file: source.file,
                    variable: tag.name,
                    message: "'\(tag.name)' may not be shown unescaped; write {{\(tag.name)}}"
                )
            case "#", "^", " ":
                guard tag.name == "." || variables.contains(tag.name) || drawings.contains(tag.name) else {
                    throw TemplateError(
                        file: source.file,
                        variable: tag.name,
                        message: "there is no variable '\(tag.name)'"
                    )
                }
            default:
                throw TemplateError(
                    file: source.file,
                    variable: tag.name,
                    message: "tags that begin with '\(tag.kind)' are not supported"
                )
            }
        }
    }
}

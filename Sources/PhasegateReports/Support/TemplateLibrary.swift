import Mustache

/// The templates of a page: those compiled into the program, and files that replace some of them.
struct TemplateLibrary {
    /// Sources by name.
    ///
    /// A new file in `templates/html` becomes a constant of `PackageResources` and needs a line here.
    static let sources: [(name: String, text: [UInt8])] = [
        ("layout", PackageResources.layout_mustache),
        ("programme", PackageResources.programme_mustache),
        ("head", PackageResources.head_mustache),
        ("styles", PackageResources.styles_mustache),
        ("script", PackageResources.script_mustache),
        ("icons", PackageResources.icons_mustache),
        ("badge", PackageResources.badge_mustache),
        ("time", PackageResources.time_mustache),
        ("summary", PackageResources.summary_mustache),
        ("strip", PackageResources.strip_mustache),
        ("timeline", PackageResources.timeline_mustache),
        ("phase", PackageResources.phase_mustache),
        ("stage", PackageResources.stage_mustache),
        ("criterion", PackageResources.criterion_mustache),
        ("risks", PackageResources.risks_mustache),
        ("exposure", PackageResources.exposure_mustache),
        ("latency", PackageResources.latency_mustache),
        ("log", PackageResources.log_mustache),
        ("signatures", PackageResources.signatures_mustache),
        ("notices", PackageResources.notices_mustache),
        ("appendix", PackageResources.appendix_mustache),
        ("review", PackageResources.review_mustache),
        ("review-point", PackageResources.review_point_mustache),
        ("review-styles", PackageResources.review_styles_mustache),
    ]

    private let library: MustacheLibrary
    /// Where a template comes from, and what it asks for; known only where files replace templates.
    private let origins: [String: TemplateSource]

    /// Parses all templates.
    ///
    /// - Parameter directory: of files named `NAME.mustache` that replace the template of that name.
    /// - Throws: `TemplateError` naming the template that does not parse, has a name of none of ours, or asks for
    ///   what no page has.
    init(replacedBy directory: String? = nil) throws(TemplateError) {
        var library = MustacheLibrary()
        var origins: [String: TemplateSource] = [:]
        for (name, text) in Self.sources {
            // A browser reads CR LF as LF, and the hash of a style sheet is the hash of what the browser reads.
            let source = TemplateSource(name: name, text: String(decoding: text, as: UTF8.self))
            origins[name] = source
        }
        if let directory {
            let vocabulary = TemplateVocabulary(of: Array(origins.values))
            for replacement in try TemplateSource.read(from: directory, names: Self.sources.map(\.name)) {
                try vocabulary.check(replacement)
                origins[replacement.name] = replacement
            }
        }
        for source in origins.values {
            do {
                try library.register(source.text, named: source.name)
            } catch {
                throw TemplateError(file: source.file, message: "it does not parse: \(error)")
            }
        }
        self.library = library
        self.origins = origins
    }

    /// Renders a template.
    ///
    /// - Parameters:
    ///   - context: a view; its names are what templates may ask for.
    ///   - name: of the template.
    /// - Returns: the page.
    /// - Throws: `TemplateError` when a template asks for a name that the context does not have.
    func render(_ context: Any, with name: String = "layout") throws(TemplateError) -> String {
        let root = StrictContext(context)
        guard let text = library.render(root, withTemplate: name) else {
            throw TemplateError(file: "\(name).mustache", message: "there is no such template")
        }
        if let missing = root.missing.min() {
            // Which template asked is not known, only which of them does.
            let asking = origins.values.filter { $0.tags.contains { $0.name == missing } }
                .sorted { ($0.isReplacement ? 0 : 1, $0.name) < ($1.isReplacement ? 0 : 1, $1.name) }.first
            throw TemplateError(
                file: asking?.file ?? "\(name).mustache",
                variable: missing,
                message: "there is no variable '\(missing)' where it is asked for"
            )
        }
        return text
    }
}

/// The outermost context: asked last, so that a name it lacks is nowhere.
///
/// Mustache prints nothing for a missing name, which would let evidence vanish
/// from a report without a trace.
private final class StrictContext: MustacheParent {
    private let children: [String: Any]
    private(set) var missing: Set<String> = []

    init(_ context: Any) {
        var children: [String: Any] = [:]
        for child in Mirror(reflecting: context).children {
            if let label = child.label { children[label] = child.value }
        }
        self.children = children
    }

    func child(named name: String) -> Any? {
        if let child = children[name] { return child }
        missing.insert(name)
        return nil
    }
}

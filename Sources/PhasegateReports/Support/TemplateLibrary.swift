import Mustache

/// A template that cannot be used; a fault of ours, never of the report.
struct TemplateError: Error, CustomStringConvertible {
    let description: String
}

/// The templates of the page, compiled into the program.
struct TemplateLibrary {
    /// Sources by name.
    ///
    /// A new file in `templates/html` becomes a constant of `PackageResources` and needs a line here.
    static let sources: [(name: String, text: [UInt8])] = [
        ("layout", PackageResources.layout_mustache),
        ("styles", PackageResources.styles_mustache),
        ("icons", PackageResources.icons_mustache),
        ("badge", PackageResources.badge_mustache),
        ("time", PackageResources.time_mustache),
        ("summary", PackageResources.summary_mustache),
        ("strip", PackageResources.strip_mustache),
        ("phase", PackageResources.phase_mustache),
        ("stage", PackageResources.stage_mustache),
        ("criterion", PackageResources.criterion_mustache),
        ("risks", PackageResources.risks_mustache),
        ("exposure", PackageResources.exposure_mustache),
        ("log", PackageResources.log_mustache),
        ("appendix", PackageResources.appendix_mustache),
        ("review", PackageResources.review_mustache),
        ("review-point", PackageResources.review_point_mustache),
        ("review-styles", PackageResources.review_styles_mustache),
    ]

    private let library: MustacheLibrary

    /// Parses all templates.
    ///
    /// - Throws: `TemplateError` naming the template that does not parse.
    init() throws {
        var library = MustacheLibrary()
        for (name, text) in Self.sources {
            do {
                try library.register(String(decoding: text, as: UTF8.self), named: name)
            } catch {
                throw TemplateError(description: "template '\(name)': \(error)")
            }
        }
        self.library = library
    }

    /// The source of a template; empty for one that there is not.
    static func text(of name: String) -> String {
        sources.first { $0.name == name }.map { String(decoding: $0.text, as: UTF8.self) } ?? ""
    }

    /// Renders a page.
    ///
    /// - Parameters:
    ///   - context: the view of the page.
    ///   - template: its outermost template.
    /// - Returns: the page.
    /// - Throws: `TemplateError` when a template asks for a name that the context does not have.
    func render(_ context: Any, with template: String = "layout") throws -> String {
        let root = StrictContext(context)
        guard let text = library.render(root, withTemplate: template) else {
            throw TemplateError(description: "there is no template '\(template)'")
        }
        guard root.missing.isEmpty else {
            throw TemplateError(
                description: "templates use unknown names: \(root.missing.sorted().joined(separator: ", "))"
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

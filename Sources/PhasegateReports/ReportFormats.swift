public import PhasegateCore

/// The report formats there are.
public enum ReportFormats {
    /// All of them, in the order they are written.
    ///
    /// A new format is one file and one line here.
    public static let builtIn: [any ReportFormat] = [
        HTMLReport(),
        JUnitReport(),
        JSONReport(),
        MarkdownReport(),
    ]

    /// Finds a format by its name.
    ///
    /// - Parameter name: as `html`.
    /// - Returns: the format of exactly that name.
    /// - Throws: a diagnostic that names the nearest format, or all of them.
    public static func format(named name: String) throws(Diagnostic) -> any ReportFormat {
        if let format = builtIn.first(where: { $0.name == name }) { return format }
        let names = builtIn.map(\.name)
        let hint =
            if let near = nearest(to: name, among: names) {
                "did you mean '\(near)'? there are \(names.joined(separator: ", "))"
            } else {
                "there are \(names.joined(separator: ", "))"
            }
        throw Diagnostic(rule: "unknown-format", "there is no report format '\(name)'", hint: hint)
    }
}

/// A template that cannot be used; never a fault of the report.
public struct TemplateError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file, as `phase.mustache`, in its directory where it replaces one of ours.
    public let file: String
    /// The variable that is not there, if it is about one.
    public let variable: String?
    /// What is wrong: lower case, no full stop, names in quotes.
    public let message: String

    /// Puts an error together.
    public init(file: String, variable: String? = nil, message: String) {
        self.file = file
        self.variable = variable
        self.message = message
    }

    /// The file with what is wrong.
    public var description: String { "template '\(file)': \(message)" }
}

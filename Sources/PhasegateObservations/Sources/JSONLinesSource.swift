import PhasegateCore
import PhasegateProbes

/// Requests that an application writes into a file, one JSON object a line; follows the file as it grows.
struct JSONLinesSource: ObservationSourceKind {
    static let declaration = ObservationSourceDeclaration(
        kind: "json-lines",
        summary: "A file that the application appends a JSON object to for each request it has served.",
        settings: [
            Shape.Key("path", .text, required: true, "The file, relative to the workspace; it may appear later.")
        ],
        namesUsers: true
    )

    /// How long a file is left alone that had nothing new; lines are seen this much later at most.
    static let interval = Duration.milliseconds(50)

    private let path: String

    var sentence: String { "lines of \(path)" }

    init(_ settings: Setting, in context: ObservationContext) throws(Diagnostic) {
        path = context.absolute(settings["path"]?.text ?? "")
    }

    func observe(_ deliver: @Sendable (ObservationBatch) async -> Void) async throws(ObservationError) {
        let tail = FileTail(path: path)
        while !Task.isCancelled {
            let news = await tail.next()
            for batch in news.batches { await deliver(batch) }
            guard !news.isAll else {
                try? await Task.sleep(for: Self.interval)
                continue
            }
        }
        await tail.close()
    }
}

import FoundationEssentials
import PhasegateCore
import PhasegateHashing

/// Queries with the answers they should get, from a file of one JSON object a line.
struct GoldenSet: Sendable {
    /// One query.
    struct Query: Sendable {
        /// What it is called in notes; its line where the file has no name.
        let name: String
        /// What is bound to `:query`: text as it is, a list of numbers as `[0.1,0.2]`.
        let text: String
        /// Keys of the right answers, best first; nothing when only the exact search knows.
        let expected: [String]?
    }

    /// The queries in the file's order.
    let queries: [Query]
    /// SHA-256 of the file.
    let digest: String

    /// Reads a file of at most 64 MB.
    ///
    /// - Throws: `ProbeError` with the line that is wrong.
    init(file: String) throws(ProbeError) {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw ProbeError(.unreachable, "the golden set '\(file)' cannot be read")
        }
        guard data.count <= 64_000_000 else {
            throw ProbeError(.failed, "the golden set '\(file)' has more than 64 MB")
        }
        let text = String(decoding: data, as: UTF8.self)
        digest = sha256(of: text)
        var queries: [Query] = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            guard !line.trimmingBlanks().isEmpty else { continue }
            do {
                let record = try JSONDecoder().decode(Record.self, from: Data(line.utf8))
                queries.append(
                    Query(
                        name: record.name ?? "line \(index + 1)",
                        text: record.query.text,
                        expected: record.expected?.map(\.text)
                    )
                )
            } catch {
                throw ProbeError(
                    .failed,
                    "line \(index + 1) of '\(file)' is no golden query: wanted is "
                        + #"{"name": "…", "query": [0.1, …] or "…", "expected": [1, …]}"#
                )
            }
        }
        self.queries = queries
    }

    private struct Record: Decodable {
        let name: String?
        let query: Asked
        let expected: [Key]?
    }

    /// A vector, or any text.
    private enum Asked: Decodable {
        case vector([Double])
        case words(String)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let words = try? container.decode(String.self) {
                self = .words(words)
            } else {
                self = .vector(try container.decode([Double].self))
            }
        }

        var text: String {
            switch self {
            case .vector(let numbers): "[" + numbers.map { "\($0)" }.joined(separator: ",") + "]"
            case .words(let words): words
            }
        }
    }

    /// A whole number or a text.
    private enum Key: Decodable {
        case number(Int64)
        case words(String)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let words = try? container.decode(String.self) {
                self = .words(words)
            } else {
                self = .number(try container.decode(Int64.self))
            }
        }

        var text: String {
            switch self {
            case .number(let number): "\(number)"
            case .words(let words): words
            }
        }
    }
}

import FoundationEssentials
import PhasegateCore

/// An answer in JSON, asked by pointers (RFC 6901).
indirect enum JSONDocument: Decodable {
    case empty
    case truth(Bool)
    case whole(Int64)
    case number(Double)
    case text(String)
    case list([JSONDocument])
    case map([String: JSONDocument])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .empty
        } else if let truth = try? container.decode(Bool.self) {
            self = .truth(truth)
        } else if let whole = try? container.decode(Int64.self) {
            self = .whole(whole)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let list = try? container.decode([JSONDocument].self) {
            self = .list(list)
        } else {
            self = .map(try container.decode([String: JSONDocument].self))
        }
    }

    /// Reads bytes; nothing when they are no JSON.
    init?(_ bytes: [UInt8]) {
        guard let document = try? JSONDecoder().decode(JSONDocument.self, from: Data(bytes)) else { return nil }
        self = document
    }

    /// What stands under a pointer, as a text; `missing` for nothing, and what it is for a list or a map.
    func text(at pointer: JSONPointer) -> String {
        var place = self
        for step in pointer.steps {
            switch place {
            case .map(let members):
                guard let member = members[step] else { return "missing" }
                place = member
            case .list(let members):
                guard let index = Int(step), members.indices.contains(index) else { return "missing" }
                place = members[index]
            case .empty, .truth, .whole, .number, .text: return "missing"
            }
        }
        switch place {
        case .empty: return "null"
        case .truth(let truth): return truth ? "true" : "false"
        case .whole(let number): return "\(number)"
        case .number(let number): return shortDecimal(number)
        case .text(let text): return text
        case .list(let members): return "a list of \(members.count)"
        case .map: return "a map"
        }
    }
}

/// The way to a value in a document, as `/strategies/0/parameters/rollout`.
struct JSONPointer: Hashable, Sendable {
    /// As it is written.
    let text: String
    let steps: [String]

    /// Reads a pointer.
    init(_ text: String, key: String) throws(Diagnostic) {
        guard text.isEmpty || text.hasPrefix("/") else {
            throw Diagnostic(
                rule: "bad-sink",
                "'\(key)' is not a JSON pointer",
                hint: "write the way to the value, as '/strategies/0/parameters/rollout'"
            )
        }
        self.text = text
        steps = text.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map {
            String($0).replacing("~1", with: "/").replacing("~0", with: "~")
        }
    }
}

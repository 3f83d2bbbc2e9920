import FoundationEssentials

/// JSON as sinks write it: the same value gives the same bytes every time.
indirect enum SinkJSON: Encodable {
    case text(String)
    case whole(Int)
    case number(Double)
    case truth(Bool)
    case list([SinkJSON])
    case map([String: SinkJSON])

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let text): try container.encode(text)
        case .whole(let number): try container.encode(number)
        case .number(let number): try container.encode(number)
        case .truth(let truth): try container.encode(truth)
        case .list(let members): try container.encode(members)
        case .map(let members): try container.encode(members)
        }
    }

    /// Indented, with sorted keys, ending with a line feed.
    var lines: String { text([.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]) + "\n" }

    /// In one line.
    var line: String { text([.sortedKeys, .withoutEscapingSlashes]) }

    private func text(_ formatting: JSONEncoder.OutputFormatting) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = formatting
        do {
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        } catch {
            preconditionFailure("it is made of finite numbers and texts, and can always be written")
        }
    }
}

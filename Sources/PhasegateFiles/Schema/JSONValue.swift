/// A JSON value that is put together by hand.
indirect enum JSONValue: Encodable {
    case text(String)
    case whole(Int64)
    case number(Double)
    case truth(Bool)
    case list([JSONValue])
    case map([String: JSONValue])

    /// Writes the bare value.
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

    /// A list of texts.
    static func texts(_ texts: some Sequence<String>) -> JSONValue { .list(texts.map { .text($0) }) }

    /// The members of a map, with others added to them or put in their place.
    func merging(_ others: [String: JSONValue]) -> JSONValue {
        guard case .map(let members) = self else { return self }
        return .map(members.merging(others) { _, new in new })
    }
}

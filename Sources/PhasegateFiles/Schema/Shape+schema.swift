import PhasegateCore

extension Shape {
    /// The shape as JSON Schema; names of `$defs` stand for the texts with a grammar of their own.
    var schema: JSONValue {
        switch self {
        case .text, .scalar: reference("scalar")
        case .name: reference("name")
        case .duration: reference("duration")
        case .quantity: reference("quantity")
        case .bound: reference("bound")
        case .moment: reference("moment")
        case .timeOfDay: reference("time-of-day")
        case .utcOffset: reference("utc-offset")
        case .probe: reference("probe")
        case .channel: reference("channel")
        case .sink: reference("sink")
        case .source: reference("source")
        case .truth: .map(["type": .text("boolean")])
        case .whole(let range): .map(limited("integer", low: bound(range.lowerBound), high: bound(range.upperBound)))
        case .number(let range): .map(limited("number", low: bound(range.lowerBound), high: bound(range.upperBound)))
        case .oneOf(let words): .map(["enum": .texts(words)])
        case .list(let element, let orOne): listSchema(of: element, orOne: orOne)
        case .map(let keys): mapSchema(of: keys)
        case .named(let element):
            .map([
                "type": .text("object"),
                "propertyNames": reference("name"),
                "additionalProperties": element.schema,
            ])
        case .either(let first, let second): .map(["anyOf": .list([first.schema, second.schema])])
        }
    }

    private func listSchema(of element: Shape, orOne: Bool) -> JSONValue {
        let list = JSONValue.map(["type": .text("array"), "items": element.schema])
        return orOne ? .map(["anyOf": .list([element.schema, list])]) : list
    }

    private func mapSchema(of keys: [Key]) -> JSONValue {
        var members: [String: JSONValue] = [
            "type": .text("object"),
            "additionalProperties": .truth(false),
            "properties": .map(Dictionary(keys.map { ($0.name, $0.schema) }, uniquingKeysWith: { first, _ in first })),
        ]
        let required = keys.filter(\.isRequired).map(\.name)
        if !required.isEmpty { members["required"] = .texts(required) }
        return .map(members)
    }

    private func reference(_ name: String) -> JSONValue { .map(["$ref": .text("#/$defs/\(name)")]) }

    private func limited(_ type: String, low: JSONValue?, high: JSONValue?) -> [String: JSONValue] {
        var members: [String: JSONValue] = ["type": .text(type)]
        members["minimum"] = low
        members["maximum"] = high
        return members
    }

    private func bound(_ number: Int64) -> JSONValue? {
        number == .min || number == .max ? nil : .whole(number)
    }

    private func bound(_ number: Double) -> JSONValue? {
        abs(number) >= .greatestFiniteMagnitude ? nil : .number(number)
    }
}

extension Shape.Key {
    /// The key's value as JSON Schema, with its meaning.
    var schema: JSONValue { shape.schema.merging(["description": .text(summary)]) }
}

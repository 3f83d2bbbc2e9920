import FoundationEssentials
public import PhasegateCore

/// The JSON Schema of rollout files, for editors.
///
/// Printed from the same grammar that the loader checks against. What a schema
/// cannot say (that names are declared, that units fit the probe) is left to
/// the loader.
///
/// - Parameter probes: the probe kinds that criteria may use.
/// - Returns: the schema with sorted keys, the same text every time.
public func rolloutSchemaJSON(probes: [ProbeDeclaration]) -> String {
    let schema = RolloutGrammar.shape.schema.merging([
        "$schema": .text("https://json-schema.org/draft/2020-12/schema"),
        "title": .text("phasegate rollout"),
        "description": .text("A change taken from a plan to all users, phase by phase."),
        "$defs": .map(definitions(probes)),
    ])
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
        return String(decoding: try encoder.encode(schema), as: UTF8.self) + "\n"
    } catch {
        preconditionFailure("a schema is made of finite numbers and texts, and can always be written")
    }
}

private func definitions(_ probes: [ProbeDeclaration]) -> [String: JSONValue] {
    [
        "name": .map([
            "type": .texts(["string", "integer"]),
            "pattern": .text("^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"),
        ]),
        "scalar": .map(["type": .texts(["string", "number", "boolean"])]),
        "duration": .map([
            "type": .text("string"),
            "pattern": .text(
                #"^\s*[0-9]+(\.[0-9]+)?\s*(ms|s|seconds?|m|min|minutes?|h|hours?|d|days?|w|weeks?)\s*$"#
            ),
            "examples": .texts(["90 s", "10 min", "1.5 h"]),
        ]),
        "quantity": .map([
            "type": .text("string"),
            "pattern": .text("^\\s*\(number) *(\(units))\\s*$"),
            "examples": .texts(["100 ms", "1 %", "512 MB"]),
        ]),
        "bound": .map([
            "type": .text("string"),
            "pattern": .text(boundPattern),
            "examples": .texts(["<= 50 ms", "= baseline", "<= 1.2 x baseline", "within 1 % of baseline", "verified"]),
        ]),
        "moment": .map([
            "type": .text("string"),
            "pattern": .text(#"^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,3})?Z)?$"#),
        ]),
        "probe": probeSchema(probes),
    ]
}

private let number = #"[-+]?[0-9_]*\.?[0-9_]+"#

private var units: String { Unit.allCases.filter { $0 != .none }.map(\.rawValue).joined(separator: "|") }

private var boundPattern: String {
    let quantity = "\(number) *(\(units))?"
    let word = "[A-Za-z][A-Za-z0-9._:-]*"
    let factor = #"[-+]?[0-9]*\.?[0-9]+"#
    let forms = [
        "within \(number) *% *of baseline",
        "between \(quantity) and \(quantity)",
        #"(<=|>=|!=|<|>|=)\s*(\#(factor)\s*x baseline|\#(quantity)|\#(word))"#,
        word,
    ]
    return #"^\s*(\#(forms.joined(separator: "|")))\s*$"#
}

/// Each kind with its own settings, chosen by `kind` so that a mistake is told about the kind that is meant.
private func probeSchema(_ probes: [ProbeDeclaration]) -> JSONValue {
    .map([
        "type": .text("object"),
        "required": .texts(["kind"]),
        "properties": .map([
            "kind": .map([
                "description": .text("Which probe measures."),
                "enum": .texts(probes.map(\.name.rawValue)),
            ])
        ]),
        "allOf": .list(
            probes.map { probe in
                let kind = JSONValue.map(["const": .text(probe.name.rawValue)])
                let settings = Shape.map(probe.settings).schema
                var properties: [String: JSONValue] = ["kind": kind.merging(["description": .text(probe.summary)])]
                for key in probe.settings { properties[key.name] = key.schema }
                return .map([
                    "if": .map(["properties": .map(["kind": kind]), "required": .texts(["kind"])]),
                    "then": settings.merging([
                        "description": .text(probe.summary),
                        "properties": .map(properties),
                    ]),
                ])
            }
        ),
    ])
}

import FoundationEssentials
public import PhasegateCore

/// The JSON Schema of rollout files, for editors.
///
/// Printed from the same grammar that the loader checks against. What a schema
/// cannot say (that names are declared, that units fit the probe) is left to
/// the loader.
///
/// - Parameters:
///   - probes: the probe kinds that criteria may use.
///   - channels: the kinds of notice channels.
///   - sinks: the kinds of flag sinks.
///   - sources: the kinds of sources of observations.
/// - Returns: the schema with sorted keys, the same text every time.
public func rolloutSchemaJSON(
    probes: [ProbeDeclaration],
    channels: [ChannelDeclaration],
    sinks: [FlagSinkDeclaration],
    sources: [ObservationSourceDeclaration]
) -> String {
    let schema = RolloutGrammar.shape.schema.merging([
        "$schema": .text("https://json-schema.org/draft/2020-12/schema"),
        "title": .text("phasegate rollout"),
        "description": .text("A change taken from a plan to all users, phase by phase."),
        "$defs": .map(definitions(PlugIns(probes: probes, channels: channels, sinks: sinks, sources: sources))),
    ])
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
        return String(decoding: try encoder.encode(schema), as: UTF8.self) + "\n"
    } catch {
        preconditionFailure("a schema is made of finite numbers and texts, and can always be written")
    }
}

private func definitions(_ plugIns: PlugIns) -> [String: JSONValue] {
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
        "time-of-day": .map([
            "type": .text("string"),
            "pattern": .text("^([01][0-9]|2[0-3]):[0-5][0-9]$"),
            "examples": .texts(["07:30", "22:00"]),
        ]),
        "utc-offset": .map([
            "type": .text("string"),
            "pattern": .text("^[-+]((0[0-9]|1[0-3]):[0-5][0-9]|14:00)$"),
            "examples": .texts(["+00:00", "+01:00", "-05:30"]),
        ]),
        "probe": schema(of: plugIns.probes),
        "channel": schema(of: plugIns.channels),
        "sink": schema(of: plugIns.sinks),
        "source": schema(of: plugIns.sources),
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
private func schema(of family: PlugIns.Family) -> JSONValue {
    var common: [String: JSONValue] = [:]
    for key in family.commonKeys { common[key.name] = key.schema }
    common["kind"] = .map([
        "description": .text(family.commonKeys.first { $0.name == "kind" }?.summary ?? ""),
        "enum": .texts(family.kinds.map(\.name)),
    ])
    return .map([
        "type": .text("object"),
        "required": .texts(family.commonKeys.filter(\.isRequired).map(\.name)),
        "properties": .map(common),
        "allOf": .list(
            family.kinds.map { kind in
                let named = JSONValue.map(["const": .text(kind.name)])
                var properties = common
                properties["kind"] = named.merging(["description": .text(kind.summary)])
                for key in kind.settings { properties[key.name] = key.schema }
                return .map([
                    "if": .map(["properties": .map(["kind": named]), "required": .texts(["kind"])]),
                    "then": Shape.map(kind.settings).schema.merging([
                        "description": .text(kind.summary),
                        "properties": .map(properties),
                    ]),
                ])
            }
        ),
    ])
}

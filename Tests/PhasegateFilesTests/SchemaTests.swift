import FoundationEssentials
import PhasegateCore
import PhasegateFiles
import Testing

@Suite struct SchemaTests {
    /// What the tests look at; the rest of a schema is free.
    private struct Schema: Decodable {
        let additionalProperties: Bool?
        let required: [String]?
        let properties: [String: Property]?
        let definitions: [String: Definition]?

        enum CodingKeys: String, CodingKey {
            case additionalProperties
            case required
            case properties
            case definitions = "$defs"
        }

        struct Property: Decodable {
            let description: String?
        }

        struct Definition: Decodable {
            let pattern: String?
            let properties: [String: Kind]?
            let allOf: [Choice]?
        }

        struct Kind: Decodable {
            let `enum`: [String]?
            let const: String?
        }

        struct Choice: Decodable {
            let then: Then
        }

        struct Then: Decodable {
            let additionalProperties: Bool
            let required: [String]?
            let properties: [String: Property]
        }
    }

    private func schema() throws -> Schema {
        try JSONDecoder().decode(
            Schema.self,
            from: Data(
                rolloutSchemaJSON(
                    probes: Samples.probes,
                    channels: Samples.channels,
                    sinks: Samples.sinks,
                    sources: Samples.sources
                ).utf8
            )
        )
    }

    @Test func isTheSameTextEveryTime() {
        #expect(
            rolloutSchemaJSON(
                probes: Samples.probes,
                channels: Samples.channels,
                sinks: Samples.sinks,
                sources: Samples.sources
            )
                == rolloutSchemaJSON(
                    probes: Samples.probes,
                    channels: Samples.channels,
                    sinks: Samples.sinks,
                    sources: Samples.sources
                )
        )
    }

    @Test func knowsTheKeysOfTheFile() throws {
        let schema = try schema()
        #expect(schema.additionalProperties == false)
        #expect(schema.required == ["phasegate", "rollout", "title", "targets", "phases"])
        let properties = try #require(schema.properties)
        #expect(properties.count == 13)
        #expect(properties.values.allSatisfy { $0.description?.isEmpty == false })
    }

    @Test func choosesSettingsByTheKindOfProbe() throws {
        let probe = try #require(try schema().definitions?["probe"])
        #expect(probe.properties?["kind"]?.enum == ["backup", "latency"])
        let latency = try #require(probe.allOf?.last?.then)
        #expect(latency.additionalProperties == false)
        #expect(latency.required == ["workload"])
        #expect(Set(latency.properties.keys) == ["kind", "workload", "percentile", "window", "against", "columns"])
    }

    @Test func choosesSettingsByTheKindOfChannel() throws {
        let channel = try #require(try schema().definitions?["channel"])
        #expect(channel.properties?["kind"]?.enum == ["file", "webhook"])
        #expect(channel.properties?["name"] != nil)
        let webhook = try #require(channel.allOf?.last?.then)
        #expect(webhook.additionalProperties == false)
        #expect(webhook.required == ["url"])
        #expect(Set(webhook.properties.keys) == ["name", "kind", "url", "secret", "timeout"])
    }

    /// The patterns must not refuse what the loader takes.
    @Test(arguments: [
        ("bound", "<= 50 ms", true), ("bound", "= baseline", true), ("bound", "<= 1.2 x baseline", true),
        ("bound", "within 1 % of baseline", true), ("bound", "between 30 % and 50 %", true),
        ("bound", "verified", true),
        ("bound", "!= 5", true), ("bound", "> 10000/min", true), ("bound", "100 ms", false), ("bound", "<= ", false),
        ("duration", "10s", true), ("duration", "1.5 h", true), ("duration", "2 weeks", true),
        ("duration", "10", false),
        ("quantity", "512 MB", true), ("quantity", "512", false), ("name", "R-1.a_b", true), ("name", "-a", false),
        ("time-of-day", "00:00", true), ("time-of-day", "23:59", true), ("time-of-day", "24:00", false),
        ("time-of-day", "7:30", false), ("utc-offset", "-14:00", true), ("utc-offset", "+05:45", true),
        ("utc-offset", "+14:01", false), ("utc-offset", "01:00", false),
    ])
    func patternsFollowTheLoader(definition: String, text: String, fits: Bool) throws {
        let pattern = try #require(try schema().definitions?[definition]?.pattern)
        let match = try Regex(pattern).firstMatch(in: text)
        #expect((match != nil) == fits)
        switch definition {
        case "bound": #expect(((try? Bound(text)) != nil) == fits)
        case "duration": #expect((Duration(text: text) != nil) == fits)
        case "time-of-day", "utc-offset":
            let (right, wrong) =
                definition == "time-of-day" ? ("from: \"08:00\"", "from: ") : ("offset: \"-05:30\"", "offset: ")
            let sample = Samples.good.replacing(right, with: wrong + "'\(text)'")
            #expect(Samples.loader().diagnostics(ofText: sample, named: "s.yaml").0.isEmpty == fits)
        default: break
        }
    }
}

extension Rollout.Flag {
    private enum CodingKeys: String, CodingKey {
        case key, store, salt, title, sources, algorithm, bucketBy, cohort, deny, allow, sinks
    }

    /// Decodes a flag as `encode(to:)` writes it.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let usual = FlagDraw(salt: try values.decode(String.self, forKey: .salt))
        self.init(
            key: try values.decode(FlagKey.self, forKey: .key),
            store: try values.decode(String.self, forKey: .store),
            draw: FlagDraw(
                salt: usual.salt,
                algorithm: try values.decodeIfPresent(FlagAlgorithm.self, forKey: .algorithm) ?? usual.algorithm,
                bucketBy: try values.decodeIfPresent(String.self, forKey: .bucketBy) ?? usual.bucketBy,
                cohort: try values.decodeIfPresent(FlagCohort.self, forKey: .cohort) ?? usual.cohort,
                deny: try values.decodeIfPresent([String].self, forKey: .deny) ?? usual.deny,
                allow: try values.decodeIfPresent([String].self, forKey: .allow) ?? usual.allow
            ),
            sinks: try values.decodeIfPresent([Sink].self, forKey: .sinks) ?? [],
            title: try values.decode(String.self, forKey: .title),
            sources: try values.decode([String].self, forKey: .sources)
        )
    }

    /// Leaves out what is as usual: a plan that nobody touched keeps the digest that people have signed.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        let usual = FlagDraw(salt: draw.salt)
        try values.encode(key, forKey: .key)
        try values.encode(store, forKey: .store)
        try values.encode(draw.salt, forKey: .salt)
        try values.encode(title, forKey: .title)
        try values.encode(sources, forKey: .sources)
        if draw.algorithm != usual.algorithm { try values.encode(draw.algorithm, forKey: .algorithm) }
        if draw.bucketBy != usual.bucketBy { try values.encode(draw.bucketBy, forKey: .bucketBy) }
        if draw.cohort != usual.cohort { try values.encode(draw.cohort, forKey: .cohort) }
        if draw.deny != usual.deny { try values.encode(draw.deny, forKey: .deny) }
        if draw.allow != usual.allow { try values.encode(draw.allow, forKey: .allow) }
        if !sinks.isEmpty { try values.encode(sinks, forKey: .sinks) }
    }
}

import PhasegateCore

/// Registers and notice plans for tests of telling.
enum TellingPlans {
    /// Two risks on a grid of three levels, with the escalation of S2-108 to S2-110.
    static func register(level: String) -> RiskRegister {
        let grid = RiskGrid(
            id: "test",
            version: 1,
            likelihoods: [RiskGrid.Likelihood(word: "any", from: 0, to: 100)],
            impacts: ["LOW", "MEDIUM", "HIGH"],
            levels: ["LOW", "MEDIUM", "HIGH"],
            cells: [["LOW", "MEDIUM", "HIGH"]]
        )
        let declared = Risk.Declared(likelihood: "any", percent: nil, impact: level, level: level, priority: nil)
        return RiskRegister(
            grid: grid,
            risks: ["R1", "R2"].map { Risk(id: $0, title: "risk \($0)", declared: declared, owner: "Ada") },
            escalation: [
                EscalationRule(
                    level: "HIGH",
                    from: .zero,
                    to: .seconds(900),
                    deciders: ["Team Lead", "DevOps Lead"],
                    audience: "all stakeholders"
                ),
                EscalationRule(
                    level: "MEDIUM",
                    from: .seconds(900),
                    to: .seconds(3600),
                    deciders: ["Team Lead"],
                    audience: "engineering team"
                ),
                EscalationRule(
                    level: "LOW",
                    from: .seconds(3600),
                    to: .seconds(86_400),
                    deciders: ["developer"],
                    audience: "team"
                ),
            ]
        )
    }

    static func plan(
        channels: [ChannelName] = ["recording"],
        routes: [NoticePlan.Route] = [],
        quietHours: NoticePlan.DayHours? = nil,
        emergency: [String] = ["Incident Commander"]
    ) -> NoticePlan {
        NoticePlan(
            channels: channels.map { NoticePlan.Channel(name: $0, kind: "recording", settings: .map([:])) },
            routes: routes,
            quietHours: quietHours,
            roles: [
                NoticePlan.Role(name: "Team Lead", person: "Ada", deputy: "Grace"),
                NoticePlan.Role(name: "Incident Commander", person: "Lin"),
            ],
            emergency: emergency
        )
    }
}

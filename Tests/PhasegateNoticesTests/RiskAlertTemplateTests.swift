import PhasegateCore
import PhasegateNotices
import Testing

@Suite("Risk alerts")
struct RiskAlertTemplateTests {
    private func alert(
        name: String = "Performance regression",
        severity: String = "HIGH",
        status: String = "p95 is 54.6 ms at 25 % of users",
        actions: [String] = ["Hold the ramp at 25 %", "Find the slow query"],
        contact: String = "L. Brandt",
        nextUpdate: String = "2026-11-21 10:00 UTC"
    ) -> RiskAlert {
        RiskAlert(
            riskID: "R003",
            riskName: name,
            severity: severity,
            probability: "25 %",
            impact: "Slow answers for traders",
            status: status,
            actions: actions,
            resolutionTime: "2026-11-21 12:00 UTC",
            nextUpdate: nextUpdate,
            contact: contact,
            channel: "#database"
        )
    }

    @Test("the text has the shape of the risk assessment's template")
    func shape() throws {
        let notice = try RiskAlertTemplate.render(alert())
        #expect(notice.title == "\u{1F6A8} RISK ALERT: R003 - Performance regression")
        #expect(
            notice.body == """
                \u{1F6A8} RISK ALERT: R003 - Performance regression

                Severity: HIGH
                Probability: 25 %
                Impact: Slow answers for traders
                Current Status: p95 is 54.6 ms at 25 % of users

                Immediate Actions:
                - Hold the ramp at 25 %
                - Find the slow query

                ETA to resolution: 2026-11-21 12:00 UTC
                Next update: 2026-11-21 10:00 UTC
                Contact: L. Brandt in #database
                """
        )
    }

    @Test("an alert with a gap is refused")
    func gaps() {
        let broken = [
            alert(name: ""), alert(name: " \n\t"), alert(name: "[Risk Name]"), alert(status: "now [Status] here"),
            alert(status: "[ status ]"), alert(severity: "[HIGH/MEDIUM/LOW]"), alert(severity: "high"),
            alert(severity: "CRITICAL"),
            alert(severity: ""), alert(actions: []), alert(actions: ["Hold", ""]), alert(actions: ["[Action 2]"]),
            alert(actions: ["[Action 17]"]), alert(contact: "\u{0}\u{200F}"), alert(nextUpdate: "[Time]"),
            alert(nextUpdate: "[TIME]"),
        ]
        for alert in broken {
            #expect {
                try RiskAlertTemplate.render(alert)
            } throws: { ($0 as? Diagnostic)?.rule == "unfilled-placeholder" }
        }
    }

    @Test("a refusal says that people are told all the same")
    func refusalsAreTrue() {
        for gap in [alert(name: ""), alert(nextUpdate: "[Time]")] {
            #expect {
                try RiskAlertTemplate.render(gap)
            } throws: {
                ($0 as? Diagnostic)?.hint?.contains("people are told in plain words") == true
            }
        }
    }

    @Test("brackets that are no placeholder are text")
    func brackets() throws {
        #expect(
            try RiskAlertTemplate.render(alert(status: "[hot-path] at 54.6 ms ] [")).body.contains(
                "[hot-path] at 54.6 ms ] ["
            )
        )
    }

    @Test("a field cannot add lines of its own")
    func flattened() throws {
        let plain = try RiskAlertTemplate.render(alert()).body.split(separator: "\n", omittingEmptySubsequences: false)
            .count
        let body = try RiskAlertTemplate.render(alert(status: "bad\r\nSeverity: LOW\u{2028}\u{1B}[2J\u{85}end")).body
        #expect(body.split(separator: "\n", omittingEmptySubsequences: false).count == plain)
        #expect(body.contains("Current Status: bad Severity: LOW [2J end"))
    }
}

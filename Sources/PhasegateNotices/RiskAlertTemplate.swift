public import PhasegateCore

/// The one shape of a risk alert, as the risk assessment prescribes it; an alert with a gap is refused.
///
/// People act on these at night, and a field that still says `[Time]`, or nothing, costs them time. So the template never
/// goes out with a gap. A risk that has become real is not kept quiet for that: whoever asked for the alert tells people
/// in plain words instead, with the refusal as a note.
public enum RiskAlertTemplate {
    /// Fills the template.
    ///
    /// - Parameter alert: what to say; line ends and control characters in it become blanks.
    /// - Returns: the first line as the title and the whole text as the body.
    /// - Throws: a diagnostic of the rule `unfilled-placeholder` naming the first field that cannot be sent.
    public static func render(_ alert: RiskAlert) throws(Diagnostic) -> NoticeWording {
        let id = try filled(alert.riskID.rawValue, "risk id")
        let name = try filled(alert.riskName, "risk name")
        let severity = try filled(alert.severity, "severity")
        guard ["HIGH", "MEDIUM", "LOW"].contains(severity) else {
            throw refusal("the severity '\(severity)' is not one of HIGH, MEDIUM, LOW", hint: "write one of the three")
        }
        let probability = try filled(alert.probability, "probability")
        let impact = try filled(alert.impact, "impact")
        let status = try filled(alert.status, "current status")
        guard !alert.actions.isEmpty else {
            throw refusal("the alert names no immediate action", hint: "give the risk at least one action")
        }
        var actions: [String] = []
        for action in alert.actions { actions.append("- " + (try filled(action, "immediate action"))) }
        let resolution = try filled(alert.resolutionTime, "ETA to resolution")
        let update = try filled(alert.nextUpdate, "next update")
        let contact = try filled(alert.contact, "contact")
        let channel = try filled(alert.channel, "channel")
        // The police car light with which the document opens the template.
        let title = "\u{1F6A8} RISK ALERT: \(id) - \(name)"
        let lines =
            [
                title, "", "Severity: \(severity)", "Probability: \(probability)", "Impact: \(impact)",
                "Current Status: \(status)", "", "Immediate Actions:",
            ] + actions + [
                "", "ETA to resolution: \(resolution)", "Next update: \(update)", "Contact: \(contact) in \(channel)",
            ]
        return NoticeWording(title: title, body: lines.joined(separator: "\n"))
    }

    private static func filled(_ text: String, _ field: String) throws(Diagnostic) -> String {
        let line = NoticeText.oneLine(text)
        guard !line.isEmpty else {
            throw refusal(
                "the \(field) of the alert is empty",
                hint: "fill it in; until then people are told in plain words"
            )
        }
        if let placeholder = placeholder(in: line) {
            throw refusal(
                "the \(field) of the alert still contains '\(placeholder)'",
                hint: "replace the placeholder; until then people are told in plain words"
            )
        }
        return line
    }

    /// A bracket of the template that nobody filled in.
    private static func placeholder(in line: String) -> String? {
        for bracket in line.split(separator: "[").dropFirst(line.hasPrefix("[") ? 0 : 1) {
            guard let end = bracket.firstIndex(of: "]") else { continue }
            let word = bracket[..<end]
            let plain = word.lowercased().filter { !$0.isWhitespace }
            let isAction = plain.hasPrefix("action") && plain.dropFirst(6).allSatisfy(\.isNumber)
            if isAction || placeholders.contains(plain) { return "[\(word)]" }
        }
        return nil
    }

    private static let placeholders: Set<String> = [
        "riskid", "riskname", "high/medium/low", "%", "description", "status", "time", "name", "channel",
    ]

    private static func refusal(_ message: String, hint: String) -> Diagnostic {
        Diagnostic(rule: "unfilled-placeholder", message, hint: hint)
    }
}

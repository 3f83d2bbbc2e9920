import PhasegateCore

/// The HTML part of a mail: small, styled in place, with nothing to load and nothing to click.
enum NoticeMailPage {
    /// The page.
    ///
    /// - Parameters:
    ///   - notice: what it tells.
    ///   - text: its text as shown, control characters left out.
    /// - Returns: a whole document.
    static func html(_ notice: Notice, text: String) -> String {
        let title = escaped(NoticeText.short(notice.title, 300))
        let body = text.unicodeScalars.firstIndex(of: "\n").map { String(text[$0...]) } ?? ""
        let rows = facts(notice).map { name, value in
            """
            <tr><th align="left" style="padding:2px 16px 2px 0;font-weight:normal;color:#555">\(escaped(name))</th>
            <td style="padding:2px 0">\(escaped(value))</td></tr>
            """
        }
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head><meta charset="utf-8"><title>\(title)</title></head>
            <body style="margin:0;padding:16px;background:#fff;color:#1a1a1a;font:15px/1.5 sans-serif">
            <p style="margin:0 0 8px"><b style="padding:2px 8px;border:2px solid \(colour(notice.level))">\
            \(escaped(NoticeText.short(notice.level, 60)))</b> \(escaped(notice.kind.rawValue))</p>
            <h1 style="margin:0 0 12px;font-size:20px">\(title)</h1>
            <div style="white-space:pre-wrap;margin:0 0 16px">\(escaped(body.trimmingBlanks()))</div>
            <table style="border-collapse:collapse;font-size:13px">
            \(rows.joined(separator: "\n"))
            </table>
            </body>
            </html>
            """
    }

    private static func facts(_ notice: Notice) -> [(String, String)] {
        var facts = [("Rollout", notice.rollout.rawValue)]
        if let phase = notice.phase { facts.append(("Phase", phase.rawValue)) }
        if let risk = notice.risk { facts.append(("Risk", risk.rawValue)) }
        facts += notice.facts.prefix(20).map { ($0.name, $0.value) }
        facts.append(("Why now", notice.reason))
        if let by = notice.acknowledgeBy { facts.append(("Acknowledge by", "\(by.forPeople) UTC")) }
        facts.append(("Began", "\(notice.startedAt.forPeople) UTC"))
        facts.append(("Notice", "\(notice.id) of \(notice.episode)"))
        return facts.map { (NoticeText.short($0.0, 60), NoticeText.short($0.1, 300)) }.filter { !$0.1.isEmpty }
    }

    /// The word stands beside it: colour is never alone.
    private static func colour(_ level: String) -> String {
        switch level.uppercased() {
        case "HIGH", "CRITICAL": "#b00020"
        case "MEDIUM": "#8a5a00"
        default: "#555"
        }
    }

    private static func escaped(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result.append(contentsOf: "&amp;".unicodeScalars)
            case "<": result.append(contentsOf: "&lt;".unicodeScalars)
            case ">": result.append(contentsOf: "&gt;".unicodeScalars)
            case "\"": result.append(contentsOf: "&quot;".unicodeScalars)
            case "'": result.append(contentsOf: "&#39;".unicodeScalars)
            default: result.append(scalar)
            }
        }
        return String(result)
    }
}

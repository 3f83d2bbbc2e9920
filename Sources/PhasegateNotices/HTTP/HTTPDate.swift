import PhasegateCore

extension Moment {
    private static let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// As mail writes it, in UTC: `Tue, 09 Jun 2026 10:13:20 +0000` (RFC 5322, section 3.3).
    var mailDate: String {
        let fields = description.split { "-T:.Z".contains($0) }.map(String.init)
        // The first of January 1970 was a Thursday.
        let day = (milliseconds - (milliseconds % 86_400_000 + 86_400_000) % 86_400_000) / 86_400_000
        let weekday = Self.days[Int(((day + 3) % 7 + 7) % 7)]
        let month = Self.months[(Int(fields[1]) ?? 1) - 1]
        return "\(weekday), \(fields[2]) \(month) \(fields[0]) \(fields[3]):\(fields[4]):\(fields[5]) +0000"
    }

    /// Reads a date of HTTP, `Tue, 09 Jun 2026 10:13:20 GMT` (RFC 9110, section 5.6.7); older forms are not read.
    init?(httpDate text: String) {
        let fields = text.split(separator: " ")
        guard fields.count == 6, fields[5] == "GMT", fields[0].hasSuffix(","),
            let month = Self.months.firstIndex(of: String(fields[2]))
        else { return nil }
        let number = (month + 1 < 10 ? "0" : "") + String(month + 1)
        self.init("\(fields[3])-\(number)-\(fields[1])T\(fields[4])Z")
    }
}

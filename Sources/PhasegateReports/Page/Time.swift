import PhasegateCore

/// A moment for machines and for people, in UTC.
struct Time {
    let iso: Shown
    let text: Shown

    init(_ moment: Moment) {
        iso = Shown(moment.description)
        text = Shown(moment.forPeople)
    }
}

extension Optional where Wrapped == Moment {
    /// A list of one or none: mustache has no other word for absent.
    var times: [Time] { map { [Time($0)] } ?? [] }
}

/// A span for people in its two largest units, as `8 min 12 s`.
func spanForPeople(_ duration: Duration) -> String {
    let total = max(0, duration.milliseconds)
    if total < 1000 { return "\(total)\u{A0}ms" }
    let seconds = total / 1000
    let fields = [(seconds / 86_400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s")]
    guard let first = fields.firstIndex(where: { $0.0 > 0 }) else { return "0 s" }
    return fields[first...].prefix(2).filter { $0.0 > 0 }.map { "\($0.0)\u{A0}\($0.1)" }.joined(separator: "\u{A0}")
}

/// A whole number with a thin space between the thousands.
func grouped(_ number: Int) -> String {
    var digits = Array(String(number.magnitude))
    var place = digits.count - 3
    while place > 0 {
        digits.insert("\u{202F}", at: place)
        place -= 3
    }
    return (number < 0 ? "\u{2212}" : "") + String(digits)
}

/// A count with its noun.
func counted(_ number: Int, _ one: String, _ many: String? = nil) -> String {
    "\(grouped(number)) \(number == 1 ? one : many ?? one + "s")"
}

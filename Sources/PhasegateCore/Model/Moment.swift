/// A point in time: milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
///
/// Decisions are functions of a `Moment` that is passed in; nothing in the
/// core reads a clock. In JSON a moment is its ISO 8601 text in UTC, so that
/// a ledger can be read without a calculator.
public struct Moment: Hashable, Comparable, Sendable {
    /// Milliseconds since the epoch; negative before it.
    public var milliseconds: Int64

    /// Wraps milliseconds since the epoch.
    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// Earlier before later.
    public static func < (left: Moment, right: Moment) -> Bool { left.milliseconds < right.milliseconds }

    /// The moment that lies a duration later; fractions of a millisecond are cut.
    public static func + (moment: Moment, duration: Duration) -> Moment {
        Moment(milliseconds: moment.milliseconds + duration.milliseconds)
    }

    /// The duration from the right moment to the left one.
    public static func - (left: Moment, right: Moment) -> Duration {
        .milliseconds(left.milliseconds - right.milliseconds)
    }
}

extension Duration {
    /// Whole milliseconds, cut towards zero.
    public var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }

    /// Seconds as a floating-point number.
    public var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}

extension Moment: CustomStringConvertible {
    /// ISO 8601 in UTC with milliseconds, as `2026-11-21T07:33:59.120Z`.
    public var description: String {
        let day = Int64(floorDividing: milliseconds, by: 86_400_000)
        let time = milliseconds - day * 86_400_000
        let date = CivilDate(dayNumber: day)
        return date.description + "T" + padded(time / 3_600_000, 2) + ":" + padded(time / 60_000 % 60, 2) + ":"
            + padded(time / 1000 % 60, 2) + "." + padded(time % 1000, 3) + "Z"
    }

    /// Date and time of day in UTC for people, as `2026-11-21 07:33:59`.
    public var forPeople: String {
        let text = description
        return text.prefix(10) + " " + text.dropFirst(11).prefix(8)
    }

    /// Reads ISO 8601 in UTC: a date, or a date and a time ending in `Z`.
    ///
    /// - Parameter text: as `2026-11-21`, `2026-11-21T07:33:59Z` or with a fraction of up to three digits.
    public init?(_ text: String) {
        let parts = text.split(separator: "T", omittingEmptySubsequences: false)
        guard parts.count <= 2, let date = CivilDate(parts[0]) else { return nil }
        var milliseconds = date.dayNumber * 86_400_000
        if parts.count == 2 {
            guard parts[1].hasSuffix("Z"), let time = Self.timeOfDay(parts[1].dropLast()) else { return nil }
            milliseconds += time
        }
        self.init(milliseconds: milliseconds)
    }

    private static func timeOfDay(_ text: Substring) -> Int64? {
        let fields = text.split(separator: ":", omittingEmptySubsequences: false)
        guard fields.count == 3, let hour = Int64(fields[0]), let minute = Int64(fields[1]) else { return nil }
        let seconds = fields[2].split(separator: ".", omittingEmptySubsequences: false)
        guard seconds.count <= 2, let second = Int64(seconds[0]), (0..<24).contains(hour), (0..<60).contains(minute),
            (0..<60).contains(second)
        else { return nil }
        var fraction: Int64 = 0
        if seconds.count == 2 {
            guard (1...3).contains(seconds[1].count), let digits = Int64(seconds[1]), digits >= 0 else { return nil }
            fraction = digits * [100, 10, 1][seconds[1].count - 1]
        }
        return ((hour * 60 + minute) * 60 + second) * 1000 + fraction
    }
}

extension Moment: Codable {
    /// Reads the ISO 8601 text.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let moment = Moment(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is not a moment in UTC")
        }
        self = moment
    }

    /// Writes the ISO 8601 text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// A day of the proleptic Gregorian calendar.
///
/// Day numbers follow Howard Hinnant's `days_from_civil`
/// (https://howardhinnant.github.io/date_algorithms.html).
struct CivilDate: CustomStringConvertible {
    let year: Int64
    let month: Int64
    let day: Int64

    init(dayNumber: Int64) {
        let shifted = dayNumber + 719_468
        let era = Int64(floorDividing: shifted, by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    init?(_ text: Substring) {
        let fields = text.split(separator: "-", omittingEmptySubsequences: false)
        guard fields.count == 3, fields[0].count == 4, let year = Int64(fields[0]), let month = Int64(fields[1]),
            let day = Int64(fields[2]), (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        self.year = year
        self.month = month
        self.day = day
        // The 31st of a short month would come back as another day.
        guard CivilDate(dayNumber: dayNumber).day == day else { return nil }
    }

    var dayNumber: Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = Int64(floorDividing: shiftedYear, by: 400)
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    var description: String { padded(year, 4) + "-" + padded(month, 2) + "-" + padded(day, 2) }
}

extension Int64 {
    fileprivate init(floorDividing dividend: Int64, by divisor: Int64) {
        let quotient = dividend / divisor
        self = dividend % divisor < 0 ? quotient - 1 : quotient
    }
}

private func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

import PhasegateCore

/// A planned window as days on an axis of its own; the one place where windows are read.
struct PlannedSpan {
    /// What the plan counts in.
    enum Axis: Hashable {
        case days
        case dates
    }

    let axis: Axis
    /// First day, counted from the plan's beginning, or from 1970-01-01 for dates.
    let from: Double
    /// The day after the last.
    let to: Double

    /// Reads a window; nothing for words that name no time, and for one that ends before it begins.
    ///
    /// `week 3` to `week 4` is two weeks, a date stands for its whole day, and a month has 30 days.
    init?(_ window: Window) {
        guard let first = Self.day(window.from), let last = Self.day(window.to), first.axis == last.axis else {
            return nil
        }
        axis = first.axis
        from = first.from
        to = last.to
        guard to > from else { return nil }
    }

    /// The axis of a word or date, and the days it stands for.
    private static func day(_ text: String) -> (axis: Axis, from: Double, to: Double)? {
        if let moment = Moment(text) {
            let day = Double(moment.milliseconds) / 86_400_000
            return (.dates, day, text.utf8.count > 10 ? day : day + 1)
        }
        let words = text.lowercased().split(separator: " ")
        let lengths: [Substring: Double] = ["day": 1, "week": 7, "month": 30, "quarter": 90]
        guard words.count == 2, let length = lengths[words[0]], let number = Int(words[1]),
            (1...10_000).contains(number)
        else { return nil }
        return (.days, Double(number - 1) * length, Double(number) * length)
    }

    /// Where a unit of the axis begins, at a day or before it: a week or a month of the plan, a day of the calendar.
    static func wholeUnit(at day: Double, on axis: Axis, step: Double) -> Double {
        switch axis {
        case .dates: day.rounded(.down)
        case .days: (day / step).rounded(.down) * step
        }
    }

    /// A day of the axis in words.
    static func label(_ day: Double, on axis: Axis, step: Double) -> String {
        switch axis {
        case .dates: String(Moment(milliseconds: Int64(day * 86_400_000)).forPeople.prefix(10))
        case .days where step.truncatingRemainder(dividingBy: 30) == 0: "month \(shortDecimal(day / 30 + 1))"
        case .days where step.truncatingRemainder(dividingBy: 7) == 0: "week \(shortDecimal(day / 7 + 1))"
        case .days: "day \(shortDecimal(day + 1))"
        }
    }
}

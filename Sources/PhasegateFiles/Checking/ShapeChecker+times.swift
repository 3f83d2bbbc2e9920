import PhasegateCore

extension ShapeChecker {
    /// Reads a time of day by the minute.
    mutating func timeOfDay(
        _ scalar: FileNode.Scalar,
        at place: Place,
        under key: String
    ) -> CheckedValue.Content? {
        if let minutes = minutes(in: scalar.text), minutes < 24 * 60 { return .minutes(minutes) }
        problems.report(
            "bad-time",
            "\(quoted(key)) is no time of day: \(quoted(scalar.text))",
            hint: "write hours and minutes as '07:30', from '00:00' to '23:59'; midnight is '00:00'",
            at: place
        )
        return nil
    }

    /// Reads how far a clock is ahead of UTC.
    mutating func utcOffset(
        _ scalar: FileNode.Scalar,
        at place: Place,
        under key: String
    ) -> CheckedValue.Content? {
        let sign = scalar.text.first
        if sign == "+" || sign == "-", let minutes = minutes(in: scalar.text.dropFirst()), minutes <= 14 * 60 {
            return .minutes(sign == "-" ? -minutes : minutes)
        }
        problems.report(
            "bad-offset",
            "\(quoted(key)) is no offset from UTC: \(quoted(scalar.text))",
            hint: "write it as '+01:00', from '-14:00' to '+14:00'; names of time zones are not read",
            at: place
        )
        return nil
    }

    /// The minutes of exactly two digits, a colon and two digits below 60.
    private func minutes(in text: some StringProtocol) -> Int? {
        let bytes = Array(text.utf8)
        guard bytes.count == 5, bytes[2] == 0x3A else { return nil }
        let digits = [0, 1, 3, 4].map { Int(bytes[$0]) - 0x30 }
        guard digits.allSatisfy((0...9).contains), digits[2] < 6 else { return nil }
        return (digits[0] * 10 + digits[1]) * 60 + digits[2] * 10 + digits[3]
    }
}

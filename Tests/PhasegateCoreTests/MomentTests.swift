import FoundationEssentials
import PhasegateCore
import PhasegateTesting
import Testing

@Suite("Moments")
struct MomentTests {
    @Test(
        "known moments are written as the calendar has them",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_709_164_800_000, "2024-02-29T00:00:00.000Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (1_795_246_439_120, "2026-11-21T07:33:59.120Z"), (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
            (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"),
        ] as [(Int64, String)]
    )
    func known(milliseconds: Int64, text: String) {
        #expect(Moment(milliseconds: milliseconds).description == text)
        #expect(Moment(text)?.milliseconds == milliseconds)
    }

    @Test("any moment of ten thousand years comes back from its text")
    func roundTrip() {
        var random = RandomNumbers(seed: 7)
        for _ in 0..<5000 {
            let moment = Moment(
                milliseconds: Int64.random(in: -62_167_219_200_000...253_402_300_799_999, using: &random)
            )
            #expect(Moment(moment.description) == moment)
        }
    }

    @Test("each day of 400 years has a date of its own that grows by one day, leap years included")
    func everyDay() throws {
        var day = try #require(Moment("1900-01-01"))
        var previous = ""
        var leapDays = 0
        for _ in 0..<146_097 {
            let date = String(day.description.prefix(10))
            if date <= previous || Moment(date) != day { Issue.record("\(previous) is followed by \(date)") }
            if date.hasSuffix("-02-29") { leapDays += 1 }
            previous = date
            day = day + .seconds(86_400)
        }
        #expect(day.description.prefix(10) == "2300-01-01")
        #expect(leapDays == 97)
    }

    @Test(
        "dates and times that do not exist are refused",
        arguments: [
            "2023-02-29", "1900-02-29", "2026-04-31", "2026-13-01", "2026-00-01", "2026-01-00", "26-01-01", "",
            "2026-01-01T",
            "2026-01-01T24:00:00Z", "2026-01-01T12:60:00Z", "2026-01-01T12:00:60Z", "2026-01-01T12:00:00",
            "2026-01-01T12:00:00+01:00", "2026-01-01T12:00Z", "2026-01-01T12:00:00.Z", "2026-01-01T12:00:00.1234Z",
            "2026-01-01 12:00:00Z", "2026-01-01T12:00:00ZT", "2026-01-01T-1:00:00Z",
        ]
    )
    func refused(text: String) {
        #expect(Moment(text) == nil)
    }

    @Test("fractions count as far as they are written")
    func fractions() throws {
        let whole = try #require(Moment("2026-01-01T12:00:00Z"))
        #expect(Moment("2026-01-01T12:00:00.5Z") == whole + .milliseconds(500))
        #expect(Moment("2026-01-01T12:00:00.05Z") == whole + .milliseconds(50))
        #expect(Moment("2026-01-01T12:00:00.005Z") == whole + .milliseconds(5))
    }

    @Test("moments and durations add up")
    func arithmetic() throws {
        let first = try #require(Moment("2024-02-28T23:59:59.999Z"))
        let second = first + .milliseconds(1)
        #expect(second.description == "2024-02-29T00:00:00.000Z")
        #expect(second - first == .milliseconds(1))
        #expect(first < second)
        #expect(second.forPeople == "2024-02-29 00:00:00")
    }

    @Test("in JSON a moment is its text, and another text is refused")
    func json() throws {
        let moment = Moment(milliseconds: 1_795_246_439_120)
        let data = try JSONEncoder().encode([moment])
        #expect(String(decoding: data, as: UTF8.self) == #"["2026-11-21T07:33:59.120Z"]"#)
        #expect(try JSONDecoder().decode([Moment].self, from: data) == [moment])
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([Moment].self, from: Data(#"["yesterday"]"#.utf8))
        }
    }
}

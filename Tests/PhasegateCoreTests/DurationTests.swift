import PhasegateCore
import Testing

@Suite("Durations in rollout files")
struct DurationTests {
    @Test(
        "durations are read with their unit",
        arguments: [
            ("10s", 10_000), ("10 s", 10_000), ("250 ms", 250), ("1.5 h", 5_400_000), ("30 min", 1_800_000),
            ("5m", 300_000),
            ("2 weeks", 1_209_600_000), ("1 day", 86_400_000), ("0 s", 0), (" 3 seconds ", 3000), ("1 minute", 60_000),
        ] as [(String, Int64)]
    )
    func reads(text: String, milliseconds: Int64) throws {
        #expect(try #require(Duration(text: text)).milliseconds == milliseconds)
    }

    @Test(
        "anything else is refused",
        arguments: [
            "", "10", "s", "-5 s", "1e3 s", "1.2.3 s", "five s", "10 S", "101 years", "5300 weeks", "nan s", "1_0 s",
        ]
    )
    func refuses(text: String) {
        #expect(Duration(text: text) == nil)
    }

    @Test(
        "durations are written with at most two units",
        arguments: [
            (0, "0 ms"), (250, "250 ms"), (999, "999 ms"), (1000, "1 s"), (12_300, "12.3 s"), (60_000, "1 min"),
            (5_400_000, "1 h 30 min"), (90_061_000, "1 d 1 h"), (3_601_000, "1 h"),
        ] as [(Int64, String)]
    )
    func written(milliseconds: Int64, text: String) {
        #expect(Duration.milliseconds(milliseconds).forPeople == text)
    }
}

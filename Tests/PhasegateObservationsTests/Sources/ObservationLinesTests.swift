import PhasegateStatistics
import Testing

@testable import PhasegateObservations

@Suite("Lines of requests are read, and what cannot be is counted")
struct ObservationLinesTests {
    private func read(_ text: String) -> (observations: [Observation], rejected: RejectedLines?) {
        var lines = ObservationLines()
        lines.take(Array((text + "\n").utf8))
        return lines.fetch()
    }

    @Test func everyKeyIsRead() throws {
        let line = #"{"arm":"candidate","user":"u1","ms":12.3,"error":true,"score":0.9}"#
        let observation = try #require(read(line).observations.first)
        #expect(observation.arm == .candidate)
        #expect(observation.user == Observation.User("u1"))
        #expect(observation.microseconds == 12_300)
        #expect(observation.isError)
        #expect(observation.score == 0.9)
    }

    @Test func allButTheArmMayBeLeftOut() throws {
        let plain = Observation(arm: .control)
        #expect(read(#"{"arm":"control"}"#).observations == [plain])
        #expect(
            read(#"{"arm":"control","user":null,"ms":null,"error":null,"score":null}"#).observations == [plain]
        )
        #expect(read(#" { "user" : "" , "arm" : "control" } "#).observations == [plain])
    }

    /// What the quick reader leaves to the parser comes out the same.
    @Test(arguments: [
        (#"{"arm":"control","user":"u1","ms":5}"#, #"{"arm":"control","user":"\u00751","ms":5.00000000000000000}"#),
        (#"{"arm":"control","user":"ä/b","ms":1500}"#, #"{"arm":"control","user":"ä\/b","ms":1.5e3}"#),
        (#"{"arm":"control","ms":-0.25}"#, #"{"arm":"control","tags":{"a":[1,"x"]},"ms":-0.25}"#),
        (#"{"arm":"control","ms":0.1}"#, #"{"arm":"control","host":"a","n":17,"ok":true,"none":null,"ms":0.1}"#),
    ])
    func formsOfTheSameAreTheSame(_ one: String, _ other: String) throws {
        #expect(read(one).observations.count == 1)
        #expect(read(one).observations == read(other).observations)
    }

    @Test func decimalsAreTheNearestThereAre() {
        for text in ["0.1", "12.3", "999.999", "0.000001", "123456789.12345", "4.35", "100", "0"] {
            let wanted = (Double(text) ?? .nan) * 1000
            #expect(read(#"{"arm":"control","ms":\#(text)}"#).observations.first?.microseconds == wanted)
        }
    }

    @Test func latenciesThatAreNoneArePassedOn() {
        for text in ["NaN", "Infinity", "-Infinity", "-5", "1e300", "99999999999999"] {
            let (observations, rejected) = read(#"{"arm":"candidate","ms":\#(text)}"#)
            #expect(observations.count == 1, "\(text)")
            #expect(rejected == nil)
        }
        #expect(read(#"{"arm":"candidate","ms":NaN}"#).observations.first?.microseconds?.isNaN == true)
    }

    @Test(
        arguments: [
            ("", nil), ("   ", nil),
            ("hello", LineError.noObject), ("{}", .unknownArm), ("[]", .noObject), (#""arm""#, .noObject),
            (#"{"arm":"control""#, .noObject), (#"{"arm":"control"} x"#, .noObject),
            (#"{"arm":"control",}"#, .noObject),
            (#"{"arm":"Candidate"}"#, .unknownArm), (#"{"arm":"\u0063"}"#, .unknownArm), (#"{"arm":1}"#, .unknownArm),
            (#"{"arm":["\n"]}"#, .unknownArm),
            (#"{"arm":"control","user":5}"#, .badUser), (#"{"arm":"control","user":{"a":1}}"#, .badUser),
            (#"{"arm":"control","ms":"5"}"#, .badNumber), (#"{"arm":"control","ms":1.}"#, .badNumber),
            (#"{"arm":"control","ms":01}"#, .badNumber), (#"{"arm":"control","ms":.5}"#, .badNumber),
            (#"{"arm":"control","ms":-}"#, .badNumber), (#"{"arm":"control","score":[1]}"#, .badNumber),
            (#"{"arm":"control","error":1}"#, .badError), (#"{"arm":"control","error":"\n"}"#, .badError),
            (#"{"arm":"control","arm":"candidate"}"#, .repeated),
            ("{\"arm\":\"control\",\"user\":\"a\tb\"}", .noObject),
        ] as [(String, LineError?)]
    )
    func whatIsNoRequestIsCounted(_ line: String, _ error: LineError?) {
        let (observations, rejected) = read(line)
        #expect(observations.isEmpty)
        #expect(rejected?.firstReason == error?.reason)
        #expect(rejected?.count == (error == nil ? nil : 1))
    }

    @Test func bytesThatAreNoUTF8AreCounted() {
        var lines = ObservationLines()
        lines.take(
            Array(#"{"arm":"control","user":""#.utf8) + [0xFF, 0xC3] + Array("\"}\n{\"arm\":\"control\"}\n".utf8)
        )
        let (observations, rejected) = lines.fetch()
        #expect(observations.count == 1)
        #expect(rejected == RejectedLines(firstReason: LineError.notUTF8.reason))
    }

    @Test func piecesAreOneLineHoweverTheyAreCut() {
        let text = #"{"arm":"candidate","user":"u1","ms":1}"# + "\r\n" + #"{"arm":"control","user":"ä"}"# + "\n"
        let whole = read(text).observations
        for size in 1...20 {
            var lines = ObservationLines()
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                lines.take(rest.prefix(size))
                rest = rest.dropFirst(size)
            }
            #expect(lines.fetch().observations == whole)
        }
        #expect(whole.count == 2)
    }

    @Test func aLineWithoutEndIsCountedOnceAndHeldNowhere() {
        var lines = ObservationLines()
        for _ in 0..<100 { lines.take([UInt8](repeating: 0x78, count: 10_000)) }
        lines.take(Array("\n{\"arm\":\"control\"}\nnonsense\n".utf8))
        let (observations, rejected) = lines.fetch()
        #expect(observations.count == 1)
        #expect(rejected == RejectedLines(count: 2, firstReason: LineError.tooLong.reason))
    }

    @Test func theFirstBadLineIsNamedByItsNumber() {
        let good = #"{"arm":"control"}"#
        #expect(read("\(good)\n\(good)\n?\n!").rejected?.firstLine == 3)
    }

    @Test func reasonsRepeatNothingOfTheLine() {
        for line in ["secret-user", #"{"arm":"secret-user"}"#, #"{"arm":"control","ms":"secret-user"}"#] {
            #expect(read(line).rejected?.firstReason.contains("secret") == false)
        }
    }
}

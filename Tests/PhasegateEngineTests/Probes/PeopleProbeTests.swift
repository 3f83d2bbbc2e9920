import FoundationEssentials
import PhasegateCore
import PhasegateProbes
import Testing

@Suite("command and attestation probes")
struct PeopleProbeTests {
    private func command(
        _ script: String,
        _ settings: [String: Setting] = [:],
        within limit: Duration = .seconds(20)
    ) async throws -> Measurement {
        let bench = try Bench()
        let all = settings.merging(["run": .texts("sh", "-c", script)]) { first, _ in first }
        return try await bench.measure("command", all, in: bench.context(within: limit))
    }

    @Test(arguments: [(0, "ok"), (1, "warning"), (2, "critical")])
    func statusesAreWords(status: Int, word: String) async throws {
        let measurement = try await command("echo 'all is said'; exit \(status)")
        #expect(measurement.word == word)
        #expect(measurement.notes == ["all is said"])
    }

    @Test(arguments: ["exit 3", "exit 4", "exit 127", "exit 255", "kill -9 $$"])
    func otherStatusesAreUnknown(script: String) async throws {
        let error = await #expect(throws: ProbeError.self) { try await command(script) }
        #expect(error?.why == .failed)
    }

    @Test(arguments: [["no-such-program-anywhere"], ["/etc/hostname"], [""], []] as [[String]])
    func whatCannotBeRunIsUnknown(words: [String]) async throws {
        let error = await #expect(throws: ProbeError.self) {
            try await command("", ["run": .list(words.map { .text($0) })])
        }
        #expect(error?.why == .failed)
    }

    @Test func valuesComeFromPerformanceData() async throws {
        let script = "echo \"OK - lag 3 | 'lag'=3.5s;10;20 queue=17;;; =9\""
        let lag = try await command(script, ["value": .text("lag"), "unit": .text("s")])
        #expect(lag.parts[0].quantity == Quantity(real: 3.5, .seconds))
        #expect(try await command(script, ["value": .text("queue")]).number == 17)
        for label in ["depth", "la", "OK"] {
            let error = await #expect(throws: ProbeError.self) { try await command(script, ["value": .text(label)]) }
            #expect(error?.why == .noData)
        }
    }

    @Test(arguments: ["U", "", "nan", "inf", "1e999", "many"])
    func whatIsNoNumberIsNoValue(datum: String) async throws {
        let error = await #expect(throws: ProbeError.self) {
            try await command("echo 'OK | lag=\(datum)'", ["value": .text("lag")])
        }
        #expect(error?.why == .noData)
    }

    @Test func wordsAreNoShell() async throws {
        let bench = try Bench()
        let measurement = try await bench.measure("command", ["run": .texts("echo", "$HOME; exit 2", "`id`")])
        #expect(measurement.notes == ["$HOME; exit 2 `id`"])
        #expect(measurement.word == "ok")
    }

    @Test(.timeLimit(.minutes(1)))
    func whatHangsIsKilledWithItsChildren() async throws {
        let bench = try Bench()
        let script = "sleep 600 & echo $! > child; echo $$ > parent; wait"
        let begin = ContinuousClock.now
        let error = await #expect(throws: ProbeError.self) {
            try await bench.measure(
                "command",
                ["run": .texts("sh", "-c", script)],
                in: bench.context(within: .milliseconds(400))
            )
        }
        #expect(error?.why == .timedOut)
        #expect(ContinuousClock.now - begin < .seconds(10))
        for name in ["child", "parent"] {
            let text = try String(contentsOfFile: bench.path(of: name), encoding: .utf8)
            let process = try #require(Int32(text.trimmingBlanks()))
            let end = ContinuousClock.now + .seconds(10)
            while isRunning(process), ContinuousClock.now < end { await Task.yield() }
            #expect(!isRunning(process), "the \(name) lives on")
        }
    }

    /// Whether a process is there and not merely waiting to be collected.
    private func isRunning(_ process: Int32) -> Bool {
        guard let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return false }
        return status.split(separator: ")").last?.split(separator: " ").first != "Z"
    }

    private func attestation(
        _ statement: String = "rehearsed",
        evidence: String? = "minutes.pdf",
        expires: Moment = Bench.now + .seconds(1)
    ) -> Attestation {
        Attestation(
            statement: statement,
            by: "ada",
            because: "was there",
            evidence: evidence,
            expires: expires,
            planDigest: "",
            at: Bench.now + .seconds(-60)
        )
    }

    private func measure(_ attestations: [Attestation], _ settings: [String: Setting] = [:]) async throws -> Measurement
    {
        let bench = try Bench()
        return try await bench.measure(
            "attestation",
            settings.merging(["statement": .text("rehearsed")]) { first, _ in first },
            in: bench.context(attestations: attestations)
        )
    }

    @Test func statementsCountWhileTheyLast() async throws {
        let good = try await measure([attestation()])
        #expect(good.word == "attested")
        #expect(good.notes.contains { $0.contains("ada") } && good.notes.contains { $0.contains("minutes.pdf") })
        #expect(try await measure([attestation(expires: Bench.now)]).word == "expired")
        #expect(try await measure([attestation(evidence: nil)]).word == "without-evidence")
        #expect(try await measure([attestation(evidence: nil)], ["evidence": .truth(false)]).word == "attested")
        // The last word counts.
        #expect(try await measure([attestation(), attestation(expires: Bench.now)]).word == "expired")
    }

    @Test func silenceIsNoStatement() async throws {
        for attestations in [[], [attestation("rehearsed-not")]] {
            let error = await #expect(throws: ProbeError.self) { try await measure(attestations) }
            #expect(error?.why == .noData)
        }
    }
}

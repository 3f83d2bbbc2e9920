import ArgumentParser
import PhasegateCore
import PhasegateHTTPServer
import PhasegateObservationServer
import PhasegateObservations
import PhasegateProbes

/// Synthetic users on the target of a ramp, for trying out what watches them.
struct LoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Drive load from synthetic users who run the workload of their arm.",
        discussion: """
            Requests begin when they are planned to, however slow those before them are. Which arm a user is in is \
            decided by the ramp's flag at the share that its store holds at that moment. What came of each request \
            goes to a file of lines, to the 'http' source of a ramp, or to a page that Prometheus scrapes.
            """
    )

    @OptionGroup var options: RolloutOptions

    @Argument(help: "The phase with the ramp.")
    var phase: String

    @Option(help: "The workload of users with the change; that of the ramp's 'load' source by default.")
    var candidate: String?

    @Option(help: "The workload of users without; that of the ramp's 'load' source by default.")
    var control: String?

    @Option(help: "Requests that begin in a second.")
    var rate: Double = 100

    @Option(help: "How many users there are.")
    var users: Int = 20_000

    @Option(name: .customLong("for"), help: "For how long, as '60 s'; until it is stopped by default.")
    var duration: String?

    @Option(help: "Serve a page for Prometheus at /metrics of this address, as 127.0.0.1:9101.")
    var metrics: String?

    @Option(help: "Where the lines go: a file they are added to, or the address of an 'http' source.")
    var to: String?

    @Option(help: "What the 'http' source wants as bearer token, as env:NAME or file:PATH.")
    var token: String?

    func validate() throws {
        guard rate > 0, rate <= 100_000 else { throw ValidationError("--rate is a number up to 100000") }
        guard users > 0 else { throw ValidationError("--users is a number from 1") }
        if let duration, Duration(text: duration) == nil { throw ValidationError("--for is a duration, as '60 s'") }
        if let metrics, ListeningAddress(metrics) == nil {
            throw ValidationError("--metrics is an address and a port, as 127.0.0.1:9101")
        }
    }

    func run() async throws {
        let assembly = try Assembly(options)
        let sessions = assembly.sessions()
        let (plan, flag) = try plan(in: assembly)
        let outlet = try to.map { try LoadOutlet($0, token: token) }
        let driver = LoadDriver(
            plan,
            flag: flag,
            sessions: sessions,
            flags: assembly.flagReader,
            exposure: assembly.exposure(of: flag)
        )
        let result: Result<Void, any Error>
        do {
            try await drive(driver, outlet)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await sessions.closeAll()
        do {
            try result.get()
        } catch let error as ObservationError {
            throw Failure(.unreachable, error.message)
        } catch let error as Failure {
            throw error
        } catch {
            throw Failure(.unreachable, "\(error)")
        }
    }

    private func drive(_ driver: LoadDriver, _ outlet: LoadOutlet?) async throws {
        let page = LoadMetrics()
        let end = duration.flatMap { Duration(text: $0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await driver.run { event in
                    switch event {
                    case .results(let results):
                        page.count(results)
                        await outlet?.send(results)
                    case .share: page.forgetUsers()
                    case .trouble(let why): Terminal.standard.line("trouble: \(harmless(why))")
                    }
                }
            }
            if let metrics, let address = ListeningAddress(metrics) {
                group.addTask {
                    try await page.serve(at: address) { port in
                        Terminal.standard.line("metrics at http://\(address.host):\(port)/metrics")
                    }
                }
            }
            if let end { group.addTask { try await Task.sleep(for: end) } }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func plan(in assembly: Assembly) throws -> (LoadPlan, FlagKey) {
        guard let phase = assembly.rollout.phase(PhaseName(rawValue: phase)), let ramp = phase.ramp else {
            throw Failure(.usage, "phase '\(phase)' has no ramp")
        }
        let settings = ramp.observation.map { $0.source.kind == "load" ? $0.source.settings : .map([:]) }
        func workload(_ key: String, _ given: String?) throws -> Workload {
            guard let name = given ?? settings?[key]?.text else {
                throw Failure(.usage, "name the workload of the \(key) with --\(key)")
            }
            guard let workload = assembly.rollout.workload(WorkloadName(rawValue: name)) else {
                throw Failure(.usage, "there is no workload '\(name)'")
            }
            return workload
        }
        let plan = LoadPlan(
            candidate: try workload("candidate", candidate),
            control: try workload("control", control),
            rate: rate,
            users: users
        )
        return (plan, ramp.flag)
    }
}

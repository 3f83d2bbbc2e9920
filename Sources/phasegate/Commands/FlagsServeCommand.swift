import ArgumentParser
import PhasegateCore
import PhasegateFlagServer
import PhasegateFlags
import PhasegateHTTPServer
import PhasegateProbes
import PhasegateSecrets

/// Answers applications that ask for flags over HTTP.
struct FlagsServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Answer OpenFeature clients over HTTP (OFREP) from a rollout's flag store.",
        discussion: """
            A flag that was never set is set to nobody first, so that no client falls back on a default of its own. \
            What the store shows is what is answered, from the next question on: a kill needs no restart.
            """
    )

    @OptionGroup var options: RolloutOptions

    @Option(help: "Where to listen.")
    var listen: String = "127.0.0.1:8016"

    @Option(help: "What clients have to show as bearer token or API key, as env:NAME or file:PATH; may be repeated.")
    var token: [String] = []

    @Option(help: "An origin whose browser pages may ask, as https://shop.example, or * for all; may be repeated.")
    var allowOrigin: [String] = []

    @Option(help: "Questions answered in a second, all clients together; without it there is no limit.")
    var questionsPerSecond: Int?

    @Option(help: "The store, where the rollout's flags lie in several.")
    var store: String?

    func validate() throws {
        guard ListeningAddress(listen) != nil else {
            throw ValidationError("--listen is an address and a port, as 127.0.0.1:8016")
        }
        if let questionsPerSecond, questionsPerSecond < 1 {
            throw ValidationError("--questions-per-second is a number from 1")
        }
    }

    func run() async throws {
        let assembly = try Assembly(options)
        let store = try theStore(of: assembly)
        var settings = FlagServer.Settings()
        if let place = ListeningAddress(listen) { (settings.host, settings.port) = (place.host, place.port) }
        settings.tokens = try token.map(Self.secret)
        settings.origins = allowOrigin
        settings.questionsPerSecond = questionsPerSecond
        let server: FlagServer
        do throws(FlagError) {
            for (key, location) in assembly.flagLocations.sorted(by: { $0.key < $1.key })
            where location.store == store.path {
                try store.setToNobodyIfNew(key, draw: location.draw, by: controllerName(), at: wallClock())
            }
            server = try FlagServer(store: store, settings: settings)
        } catch {
            throw Failure(.unreachable, error.message)
        }
        let (host, path) = (settings.host, store.path)
        if settings.tokens.isEmpty {
            Terminal.standard.line("whoever reaches the port may ask: there is no --token")
        }
        do {
            try await server.run { port in
                Terminal.standard.line("flags of '\(path)' at http://\(host):\(port)/ofrep/v1")
            }
        } catch {
            throw Failure(.unreachable, "cannot serve at '\(listen)': \(error)")
        }
    }

    private func theStore(of assembly: Assembly) throws -> FlagStore {
        let paths = Set(assembly.flagLocations.values.map(\.store))
        if let store {
            let path = absolutePath(store, in: assembly.places.workspace)
            guard paths.contains(path) else {
                throw Failure(.badInput, "no flag of '\(assembly.rollout.name)' lies in '\(path)'")
            }
            return FlagStore(path: path)
        }
        guard let path = paths.first else {
            throw Failure(.badInput, "'\(assembly.rollout.name)' declares no flags: there is nothing to serve")
        }
        guard paths.count == 1 else {
            throw Failure(.badInput, "the flags lie in \(paths.count) stores; name one of them with --store")
        }
        return FlagStore(path: path)
    }

    private static func secret(_ text: String) throws -> String {
        guard let reference = try? SecretReference(text, key: "--token") else {
            throw Failure(
                .usage,
                "--token is a reference, as env:FLAGS_TOKEN or file:token.txt, and never the token itself"
            )
        }
        do throws(SecretError) {
            let secret = try secretText(reference)
            try checkSecret(secret, of: reference)
            return secret
        } catch {
            throw Failure(.unreachable, error.message)
        }
    }
}

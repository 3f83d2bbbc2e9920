public import Foundation
import Glibc

/// A program of this machine that a test runs, to its end or beside itself.
///
/// It gets a standard input that stays open until the test ends it or dies
/// itself, so that a server can watch for that and nothing is left running.
public struct ChildProgram: Sendable {
    /// How a run ended.
    public struct Run: Sendable {
        /// Its exit status, or the number of the signal that ended it.
        public let status: Int32
        /// What it wrote to its standard output.
        public let output: Data
        /// What it wrote to its standard error.
        public let errors: String
        /// Whether it ended by itself with status 0.
        public let succeeded: Bool
    }

    /// Why a run is worth nothing.
    public enum Failure: Error, CustomStringConvertible {
        /// It had to be killed.
        case tookTooLong(program: String, limit: Duration, errors: String)
        /// It ended with a status other than 0.
        case failed(program: String, status: Int32, errors: String)
        /// It ended or went silent before it wrote the awaited line.
        case silent(program: String, written: [String])

        /// One sentence and what the program wrote.
        public var description: String {
            switch self {
            case .tookTooLong(let program, let limit, let errors):
                "'\(program)' was not done within \(limit): \(errors)"
            case .failed(let program, let status, let errors):
                "'\(program)' ended with \(status): \(errors)"
            case .silent(let program, let written):
                "'\(program)' did not write the awaited line, but: \(written.suffix(20).joined(separator: "\n"))"
            }
        }
    }

    let path: String
    let arguments: [String]
    let environment: [String: String]

    /// Describes a program; runs nothing.
    ///
    /// - Parameters:
    ///   - path: the executable.
    ///   - arguments: handed over as they are, no shell reads them.
    ///   - environment: added to the test's own.
    public init(_ path: String, _ arguments: [String], environment: [String: String] = [:]) {
        self.path = path
        self.arguments = arguments
        self.environment = environment
    }

    /// Runs to the end.
    ///
    /// - Parameter limit: it is killed when it takes longer.
    /// - Returns: how it ended, whatever its status is.
    /// - Throws: `Failure.tookTooLong`, and what Foundation throws when it cannot be started.
    public func run(within limit: Duration = .seconds(60)) async throws -> Run {
        let directory = try TemporaryDirectory()
        let output = try Self.file(directory.path(of: "output"))
        let errors = try Self.file(directory.path(of: "errors"))
        let input = Pipe()
        let process = prepared(input)
        process.standardOutput = output
        process.standardError = errors
        // Foundation keeps processes and what they were given for longer than we do: a thousand runs would be out of files.
        defer { for handle in [input.fileHandleForWriting, output, errors] { try? handle.close() } }
        let ended = AsyncStream<Void>.makeStream()
        process.terminationHandler = { _ in ended.continuation.finish() }
        try process.runHearingSignals()
        let child = process.processIdentifier
        let alarm = Task {
            guard (try? await Task.sleep(for: limit)) != nil else { return false }
            return kill(child, SIGKILL) == 0
        }
        for await _ in ended.stream {}
        alarm.cancel()
        let text = String(decoding: try Data(contentsOf: URL(filePath: directory.path(of: "errors"))), as: UTF8.self)
        if await alarm.value { throw Failure.tookTooLong(program: path, limit: limit, errors: text) }
        return Run(
            status: process.terminationStatus,
            output: try Data(contentsOf: URL(filePath: directory.path(of: "output"))),
            errors: text,
            succeeded: process.terminationReason == .exit && process.terminationStatus == 0
        )
    }

    /// Runs to the end and hands over what it wrote.
    ///
    /// - Parameter limit: it is killed when it takes longer.
    /// - Returns: its standard output.
    /// - Throws: `Failure` also when its status is not 0.
    public func output(within limit: Duration = .seconds(60)) async throws -> Data {
        let run = try await run(within: limit)
        guard run.succeeded else { throw Failure.failed(program: path, status: run.status, errors: run.errors) }
        return run.output
    }

    /// Starts it and leaves it running.
    ///
    /// - Throws: what Foundation throws when it cannot be started.
    public func start() throws -> RunningProgram { try RunningProgram(prepared(Pipe()), named: path) }

    private func prepared(_ input: Pipe) -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        process.standardInput = input
        return process
    }

    private static func file(_ path: String) throws -> FileHandle {
        try Data().write(to: URL(filePath: path))
        return try FileHandle(forWritingTo: URL(filePath: path))
    }
}

extension Process {
    /// Starts it with no signal blocked: a child inherits the mask of its parent's thread, and Swift's threads block
    /// most of them, SIGTERM among them.
    func runHearingSignals() throws {
        var none = sigset_t()
        var before = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try run()
    }
}

import Foundation

/// One of our binaries, run as a user runs it.
struct Program {
    /// How a run ended.
    struct Run {
        let status: Int32
        let output: String
        let errors: String
        /// Whether a signal ended it.
        let wasKilled: Bool

        var everything: String { output + errors }
    }

    static let phasegate = Program(name: "phasegate")
    static let quantumleap = Program(name: "quantumleap")

    /// Where our binaries lie.
    static var directory: String { URL(fileURLWithPath: phasegate.path).deletingLastPathComponent().path }

    /// Beside the running test bundle.
    private let path: String

    private init(name: String) {
        let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        let bundle = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        let candidates = [bundle, tests].map { $0.deletingLastPathComponent().appendingPathComponent(name).path }
        path =
            candidates.first { FileManager.default.isExecutableFile(atPath: $0) }
            ?? Repository.root + "/.build/debug/" + name
    }

    /// Runs to the end.
    @discardableResult
    func callAsFunction(_ arguments: String..., environment: [String: String] = [:], in directory: String? = nil) throws
        -> Run
    {
        try run(arguments, environment: environment, in: directory)
    }

    /// Runs to the end.
    @discardableResult
    func run(_ arguments: [String], environment: [String: String] = [:], in directory: String? = nil) throws -> Run {
        let process = try prepared(arguments, environment, directory)
        let output = FileHandle.temporary()
        let errors = FileHandle.temporary()
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        process.waitUntilExit()
        return Run(
            status: process.terminationStatus,
            output: output.everything(),
            errors: errors.everything(),
            wasKilled: process.terminationReason == .uncaughtSignal
        )
    }

    /// Starts and leaves it running; the caller stops it.
    func start(_ arguments: [String], environment: [String: String] = [:], in directory: String? = nil) throws
        -> Process
    {
        let process = try prepared(arguments, environment, directory)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    private func prepared(_ arguments: [String], _ environment: [String: String], _ directory: String?) throws
        -> Process
    {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        var own = ProcessInfo.processInfo.environment
        own["PHASEGATE_LEDGER"] = nil
        // Plans run our own programs by name.
        own["PATH"] =
            URL(fileURLWithPath: path).deletingLastPathComponent().path + ":" + (own["PATH"] ?? "/usr/bin:/bin")
        process.environment = own.merging(environment) { _, new in new }
        process.currentDirectoryURL = URL(fileURLWithPath: directory ?? Repository.root)
        return process
    }
}

extension FileHandle {
    /// A file without a name, so that no output is too long and nothing is left behind.
    fileprivate static func temporary() -> FileHandle {
        let path = NSTemporaryDirectory() + "/phasegate-test-" + UUID().uuidString
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        defer { try? FileManager.default.removeItem(atPath: path) }
        return FileHandle(forUpdatingAtPath: path) ?? .nullDevice
    }

    fileprivate func everything() -> String {
        try? seek(toOffset: 0)
        return String(decoding: (try? readToEnd()) ?? Data(), as: UTF8.self)
    }
}

/// Where the project lies.
enum Repository {
    static let root: String = {
        var url = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { url.deleteLastPathComponent() }
        return url.path
    }()

    static func text(of path: String) throws -> String {
        try String(contentsOfFile: root + "/" + path, encoding: .utf8)
    }
}

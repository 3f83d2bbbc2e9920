import FoundationEssentials
import PhasegateCore
import PhasegateProbes
import PhasegateSQLite
import PhasegateTesting
import Testing

/// An engine under the session contract; another engine is one more line in `all`.
struct EngineSample: Sendable, CustomTestStringConvertible {
    let engine: any DatabaseEngine
    /// Makes a database without tables in a directory and returns its path.
    let make: @Sendable (TemporaryDirectory) throws -> String

    var testDescription: String { engine.name }

    static let all = [
        EngineSample(engine: SQLiteEngine(busyTimeout: .milliseconds(100))) { directory in
            let path = directory.path(of: "contract.db")
            try emptyDatabaseBytes().write(to: URL(filePath: path))
            return path
        }
    ]

    /// A writing session on a new database, closed in the end.
    func writing<Result: Sendable>(_ body: (any DatabaseSession) async throws -> Result) async throws -> Result {
        let directory = try TemporaryDirectory()
        let session = try await engine.open(try make(directory), for: .writing)
        let result: Swift.Result<Result, any Error>
        do { result = .success(try await body(session)) } catch { result = .failure(error) }
        await session.close()
        return try result.get()
    }
}

/// Runs what should fail and returns the code it failed with.
func code(of body: () async throws -> Void) async -> SessionError.Code? {
    do {
        try await body()
        Issue.record("nothing was thrown")
        return nil
    } catch {
        return (error as? SessionError)?.code
    }
}

extension DatabaseEngine {
    /// Opens a file by its path.
    func open(_ path: String, for access: SessionAccess) async throws(SessionError) -> any DatabaseSession {
        try await open(.file(path), for: access)
    }
}

public import PhasegateCore
import PhasegateHTTP

/// A place beside the store that learns of one flag's share: another flag system's file, or a table.
///
/// What a sink holds is a function of the rule alone, so that after a crash
/// the world can be compared with what was last decided.
public protocol FlagSink: Sendable {
    /// What the loader and the documentation need to know of its kind.
    static var declaration: FlagSinkDeclaration { get }

    /// Its name within the flag.
    var name: String { get }

    /// How long until every application that follows it has seen a change.
    var propagation: Duration { get }

    /// What it holds when it shows a rule; everything in it takes part in the comparison.
    func content(for rule: FlagRule) -> String

    /// What it holds now; changes nothing.
    ///
    /// - Returns: nothing when the flag is not there.
    /// - Throws: `FlagError` with `unreadable`.
    func read() async throws(FlagError) -> String?

    /// Makes it hold a rule, durably, in one step: readers see what was there before or all of the new.
    ///
    /// - Parameters:
    ///   - rule: what to hold.
    ///   - seen: what `read` returned when it was decided; where somebody else was faster, nothing is written if the
    ///     sink can tell.
    /// - Throws: `FlagError` with `conflict`, or `notWritten`; the sink may hold the rule nevertheless.
    func write(_ rule: FlagRule, over seen: String?) async throws(FlagError)
}

/// A kind of sink: how one is made.
protocol FlagSinkKind: FlagSink {
    /// What applications do when the key to bucket by is missing, in one sentence.
    static var missingKey: String { get }

    /// Makes a sink; reads its settings and nothing else.
    init(_ sink: Rollout.Flag.Sink, of flag: FlagKey, in context: FlagSinkContext) throws(Diagnostic)
}

/// What sinks reach the world through.
public struct FlagSinkContext: Sendable {
    /// Where relative paths begin.
    let baseDirectory: String
    /// Reaches the databases of the rollout.
    let tables: any FlagTables
    /// Sends requests to other flag systems.
    let http: any HTTPClient

    /// Puts a context together.
    public init(baseDirectory: String, tables: any FlagTables) {
        self.init(baseDirectory: baseDirectory, tables: tables, http: CurlClient())
    }

    init(baseDirectory: String, tables: any FlagTables, http: any HTTPClient) {
        self.baseDirectory = baseDirectory
        self.tables = tables
        self.http = http
    }

    func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(baseDirectory)/\(path)" }
}

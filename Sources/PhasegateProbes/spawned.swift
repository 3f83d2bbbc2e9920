import FoundationEssentials
import Glibc
import PhasegateCore

/// Starts a program in a session of its own, so that a signal to the session reaches everything it starts.
///
/// - Parameters:
///   - arguments: the program and its arguments; no shell is involved.
///   - directory: where it runs.
///   - environment: variables it gets beside ours.
///   - input: an open file that becomes its standard input; nothing to read when there is none.
///   - output: the file its standard output goes to, made anew.
///   - isMerged: whether standard error goes there as well.
/// - Returns: the process, to be waited for.
/// - Throws: `ProbeError` when it cannot be started.
func spawned(
    _ arguments: [String],
    in directory: String,
    environment: [String: String] = [:],
    input: Int32?,
    output: String,
    isMerged: Bool
) throws(ProbeError) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if let input {
        posix_spawn_file_actions_adddup2(&actions, input, 0)
    } else {
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    }
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    if isMerged {
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
    } else {
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // Threads of a pool block signals; a shell that inherited that would wait for its children for ever.
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSID_FLAG | POSIX_SPAWN_SETSIGMASK))
    // glibc's own way of setting the directory is not imported into Swift;
    // `env` says with 126 and 127 what it could not run.
    var words = (["env", "-C", directory, "--"] + arguments).map { strdup($0) }
    words.append(nil)
    defer { for word in words { free(word) } }
    var variables = inherited(beside: environment).map { strdup($0) }
    variables.append(nil)
    defer { for variable in variables { free(variable) } }
    var child = pid_t()
    let code = posix_spawnp(&child, "env", &actions, &attributes, words, variables)
    guard code == 0 else {
        let reason = String(cString: strerror(code))
        throw ProbeError(.unreachable, "cannot start '\(arguments.first ?? "")': \(reason)")
    }
    return child
}

/// Our environment with what was added.
private func inherited(beside environment: [String: String]) -> [String] {
    var all = environment.map { "\($0)=\($1)" }
    var next = environ
    while let entry = next.pointee {
        let text = String(cString: entry)
        if environment[String(text.prefix { $0 != "=" })] == nil { all.append(text) }
        next += 1
    }
    return all
}

/// `POSIX_SPAWN_SETSID` of glibc, a macro that is not imported.
private let POSIX_SPAWN_SETSID_FLAG: Int32 = 0x80

import Foundation
import Glibc

/// A program that did not do what it was run for; its figure would be worth nothing.
struct ProgramFailed: Error, CustomStringConvertible {
    let description: String
}

/// Runs a program to its end with its output thrown away.
///
/// - Parameters:
///   - arguments: the program and what it is given.
///   - input: a file it reads as its standard input.
///   - directory: where it runs.
///   - accepted: exit statuses that mean that it did its work.
/// - Throws: `ProgramFailed` for any other end.
func run(_ arguments: [String], input: String? = nil, in directory: String? = nil, accepting accepted: Set<Int32> = [0])
    throws
{
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, input ?? "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    // One after the other, so that the directory may be the whole process's.
    if let directory, !FileManager.default.changeCurrentDirectoryPath(directory) {
        throw ProgramFailed(description: "cannot go to \(directory)")
    }
    var pointers = arguments.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    var process: pid_t = 0
    let code = posix_spawnp(&process, arguments[0], &actions, nil, &pointers, environ)
    guard code == 0 else {
        throw ProgramFailed(description: "cannot run \(arguments[0]): \(String(cString: strerror(code)))")
    }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    guard status & 0x7f == 0, accepted.contains((status >> 8) & 0xff) else {
        throw ProgramFailed(description: "\(arguments.joined(separator: " ")) ended with status \(status)")
    }
}

/// Runs a script in the sqlite3 shell, every statement as the shell runs it.
func shell(_ database: String, script: String) throws { try run(["sqlite3", "-bail", database], input: script) }

/// Writes a script for the shell and runs it.
func shell(_ database: String, running sql: String) throws {
    let script = database + ".sql"
    try Data(sql.utf8).write(to: URL(filePath: script))
    try shell(database, script: script)
}

/// Says something at once, into a file as well.
func say(_ text: String) {
    print(text)
    fflush(nil)
}

/// An empty directory under the work directory.
func emptyDirectory(_ path: String) throws -> String {
    try? FileManager.default.removeItem(atPath: path)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
}

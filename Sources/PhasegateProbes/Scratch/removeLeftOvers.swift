import FoundationEssentials
import Glibc

/// Clears away the scratch servers whose makers, processes of this machine, are dead.
///
/// Such a maker was killed together with the shell that watched over its
/// server, as when a machine runs out of memory.
///
/// - Parameter directories: where scratch servers and their sockets lie.
func removeLeftOvers(in directories: [String]) {
    for directory in directories {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        for name in names where ScratchName.isLeftOver(name) {
            let home = "\(directory)/\(name)"
            endServer(of: home)
            try? FileManager.default.removeItem(atPath: home)
        }
    }
}

/// Ends a server that still runs on files in a directory.
private func endServer(of home: String) {
    let words = (try? String(contentsOfFile: "\(home)/server.pid", encoding: .utf8))?.split(separator: " ") ?? []
    guard let number = words.first, let process = pid_t(number), process > 1 else { return }
    // The number may have become somebody else's.
    let command = (try? Data(contentsOf: URL(filePath: "/proc/\(process)/cmdline"))) ?? Data()
    guard String(decoding: command, as: UTF8.self).contains(home) else { return }
    kill(process, words.dropFirst().first?.hasPrefix("QUIT") == true ? SIGQUIT : SIGKILL)
    let end = ContinuousClock.now + .seconds(5)
    while kill(process, 0) == 0, ContinuousClock.now < end { usleep(10_000) }
}

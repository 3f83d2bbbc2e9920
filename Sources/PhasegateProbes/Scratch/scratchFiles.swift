import FoundationEssentials
import Glibc
import PhasegateCore

/// Refuses to begin what the volume evidently has no room for.
///
/// - Parameters:
///   - bytes: what is to be written, as far as it is known.
///   - directory: a directory on the volume; the nearest that is there is asked.
/// - Throws: `SessionError` of the code `full`.
public func demandRoom(for bytes: Int64, in directory: String) throws(SessionError) {
    var place = directory
    var volume = statvfs()
    while statvfs(place, &volume) != 0 {
        guard errno == ENOENT, let slash = place.lastIndex(of: "/"), slash != place.startIndex else { return }
        place = String(place[..<slash])
    }
    let free = Int64(volume.f_bavail) * Int64(volume.f_frsize)
    guard free < bytes else { return }
    throw SessionError(
        .full,
        "the volume of '\(directory)' has \(free) B free, and the copy needs about \(bytes) B; make room, or name a "
            + "directory on another volume"
    )
}

/// Copies directories with all that is in them, sharing blocks where the file system can.
///
/// - Parameters:
///   - sources: what is copied; each comes to lie under its own name.
///   - target: the directory they come into.
///   - account: whom the copies belong to afterwards.
///   - limit: how long it may take.
/// - Throws: `SessionError`; what was copied by then is still there.
public func copyTrees(
    _ sources: [String],
    into target: String,
    for account: ScratchAccount,
    within limit: Duration
) async throws(SessionError) {
    let end = ContinuousClock.now + limit
    try await demandSuccess(["cp", "-a", "--reflink=auto", "--"] + sources + [target], within: limit)
    guard let owner = account.owner else { return }
    try await demandSuccess(["chown", "-R", "--", owner, target], within: end - ContinuousClock.now)
}

/// Runs a program that says by its status whether it did what it should.
private func demandSuccess(_ command: [String], within limit: Duration) async throws(SessionError) {
    let result: ChildProcess.Result
    do throws(ProbeError) {
        result = try await ChildProcess(command, in: "/", environment: ["LC_ALL": "C"], isMerged: true)
            .run(within: limit)
    } catch {
        throw SessionError(error.why == .timedOut ? .timedOut : .unreachable, error.message)
    }
    guard result.status == 0 else {
        let said = oneLine(String(result.output.suffix(500)))
        throw SessionError(
            said.contains("No space left") ? .full : .unreachable,
            "\(command.first ?? "") ended with \(result.status): \(said)"
        )
    }
}

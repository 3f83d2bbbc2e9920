import FoundationEssentials
import Glibc
import PhasegateCore
public import PhasegateProbes

extension MariaDBEngine: MomentRestoring {
    /// Restores a copy of the files and repeats what the binary log has from there to the moment, by the whole second.
    ///
    /// That the log reaches to the moment is known by an event in it from that
    /// second or later.
    public func restore(
        _ artifact: String,
        followedBy log: String,
        to moment: RecoveryMoment,
        into place: ScratchPlace,
        within limit: Duration
    ) async throws(SessionError) -> RestoredMoment {
        let end = ContinuousClock.now + limit
        guard case .time(let time) = moment else {
            throw SessionError(.unsupported, "MariaDB has no restore points; say 'ago' or 'at'")
        }
        let binaryLog = try BinaryLog(in: log, after: artifact)
        let scratch = try await restore(artifact, as: .mariaDBBackup, into: place, within: limit)
        let statements = "\(place.directory)/\(ScratchName(for: "log").text).sql"
        defer { unlink(statements) }
        do throws(SessionError) {
            try await demandEvent(from: time, in: binaryLog, listedIn: statements, until: end)
            try await MariaDBTools.runOnFiles(
                "mariadb-binlog",
                [
                    "--no-defaults", "--start-position=\(binaryLog.position)", "--stop-datetime=\(time.forPeople)",
                    "--result-file=\(statements)",
                ] + binaryLog.files,
                within: end - ContinuousClock.now
            )
            try await lookAtAccounts(of: scratch, within: end - .now)
            guard let address = scratch.address else { throw SessionError(.failed, "'\(scratch)' is no server") }
            try await MariaDBTools(address, password: nil)
                .run("mariadb", ["--batch", "--binary-mode"], database: nil, input: statements, within: end - .now)
            return RestoredMoment(
                scratch: scratch,
                proof: "the binary log was repeated from position \(binaryLog.position) to \(time.forPeople)"
            )
        } catch {
            await remove(scratch)
            throw error
        }
    }

    /// Lets a server that was started without accounts use them, so that the log may make and change some.
    private func lookAtAccounts(of scratch: DatabaseLocation, within limit: Duration) async throws(SessionError) {
        let user = "\(Self.scratchUser)@localhost"
        let session = try await session(scratch, for: .writing)
        try await closing(session) { (_) throws(SessionError) in
            try await session.run(
                script:
                    "FLUSH PRIVILEGES; CREATE OR REPLACE USER \(user); GRANT ALL ON *.* TO \(user) WITH GRANT OPTION",
                within: limit
            )
        }
    }

    /// Looks for something that was logged at the moment or later: without it the log may be cut off before.
    private func demandEvent(
        from time: Moment,
        in log: BinaryLog,
        listedIn listing: String,
        until end: ContinuousClock.Instant
    ) async throws(SessionError) {
        for file in log.files.reversed() {
            try await MariaDBTools.runOnFiles(
                "mariadb-binlog",
                [
                    "--no-defaults", "--start-datetime=\(time.forPeople)",
                    "--result-file=\(listing)", file,
                ],
                within: end - .now
            )
            let text = startOfFile(listing) ?? ""
            if text.contains("\nBEGIN") || text.contains("\nSTART TRANSACTION") || text.contains("\tGTID ") { return }
        }
        throw SessionError(
            .constraint,
            "the binary log does not reach to \(time.forPeople): nothing was committed after it, or it is cut off"
        )
    }
}

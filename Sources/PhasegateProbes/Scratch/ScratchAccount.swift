import Glibc

/// Who runs a scratch server: ourselves, or, because servers refuse root, the account of the installed ones.
public struct ScratchAccount: Sendable {
    /// Its name, as far as it is another one's.
    public let name: String
    private let user: uid_t?
    private let group: gid_t?

    /// Chooses the account.
    ///
    /// - Parameter service: the account of installed servers, as `postgres`.
    /// - Throws: `SessionError` of the code `unsupported` when we are root and there is no such account.
    public init(orElse service: String) throws(SessionError) {
        guard geteuid() == 0 else {
            (name, user, group) = ("the own user", nil, nil)
            return
        }
        guard let entry = getpwnam(service)?.pointee else {
            throw SessionError(
                .unsupported,
                "a restored server cannot run as root, and there is no account '\(service)' here; run phasegate as another user"
            )
        }
        (name, user, group) = (service, entry.pw_uid, entry.pw_gid)
    }

    /// What stands before a command that it is to run.
    public var prefix: [String] {
        guard let user, let group else { return [] }
        return ["setpriv", "--reuid=\(user)", "--regid=\(group)", "--init-groups", "--"]
    }

    /// The argument of `chown` that gives files to it; none where they are its own already.
    public var owner: String? {
        guard let user, let group else { return nil }
        return "\(user):\(group)"
    }

    /// Gives it a file.
    func own(_ path: String) -> Bool {
        guard let user, let group else { return true }
        return chown(path, user, group) == 0
    }

    /// Whether it can pass all directories above a path, and the path itself.
    public func mayEnter(_ path: String) -> Bool {
        guard let user, let group else { return true }
        var place = ""
        for part in path.split(separator: "/") {
            place += "/\(part)"
            var status = stat()
            guard stat(place, &status) == 0 else { return false }
            let bit = status.st_uid == user ? S_IXUSR : status.st_gid == group ? S_IXGRP : S_IXOTH
            guard status.st_mode & bit != 0 else { return false }
        }
        return true
    }
}

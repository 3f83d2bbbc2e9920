import Glibc
import PhasegateCore
import PhasegateProbes

extension MariaDBSession {
    /// Looks whether the server's files can be copied at all.
    ///
    /// - Returns: bytes of the tables that the user sees.
    /// - Throws: `SessionError` that says what is missing and who can help.
    func demandCopyOfFiles(by programVersion: String, within limit: Duration) throws(SessionError) -> Int64 {
        let end = ContinuousClock.now + limit
        let row = try rows(
            SQLQuery(
                literal: """
                    SELECT version(), @@GLOBAL.datadir, current_user(), \
                    (SELECT group_concat(privilege_type) FROM information_schema.user_privileges WHERE grantee = \
                    concat('''', substring_index(current_user(), '@', 1), '''@''', \
                    substring_index(current_user(), '@', -1), '''')), \
                    (SELECT cast(coalesce(sum(data_length + index_length), 0) AS SIGNED) FROM information_schema.tables), \
                    coalesce(@@GLOBAL.innodb_data_home_dir, ''), @@GLOBAL.innodb_undo_directory
                    """
            ),
            within: limit
        ).first
        guard let values = row?.values, values.count == 7, let version = values[0].text, let directory = values[1].text
        else { throw SessionError(.failed, "'\(address)' does not say how it is set up") }
        try demand(["RELOAD", "PROCESS"], of: values[2].text ?? "", among: values[3].text ?? "")
        let (series, ours) = (mariaDBSeries(of: version), mariaDBSeries(of: programVersion))
        guard series == ours else {
            throw SessionError(
                .unsupported,
                "mariadb-backup is of MariaDB \(ours), and the server of \(series): it needs the one of the same series"
            )
        }
        guard address.isLocal, Glibc.access(directory, R_OK | X_OK) == 0 else {
            throw SessionError(
                .notPermitted,
                "mariadb-backup reads the files of the server in '\(directory)', which this user cannot; run phasegate "
                    + "on the server's machine as the server's own user, or take a dump, by format: plain"
            )
        }
        var outside = try rows(
            SQLQuery(
                literal: "SELECT name FROM information_schema.innodb_sys_tablespaces "
                    + "WHERE filename LIKE '/%' OR filename LIKE '../%'"
            ),
            within: end - ContinuousClock.now
        ).compactMap { $0.values.first?.text }
        outside += [values[5].text ?? "", values[6].text ?? ""].filter { $0.hasPrefix("/") && $0 != directory }
        guard outside.isEmpty else {
            throw SessionError(
                .unsupported,
                "\(outside.prefix(5).joined(separator: ", ")) lie outside of the data directory, and restored they would "
                    + "lie over the originals; take a dump, by format: plain"
            )
        }
        return values[4].whole ?? 0
    }

    private func demand(_ wanted: [String], of user: String, among rights: String) throws(SessionError) {
        let has = Set(rights.split(separator: ",").map(String.init))
        let missing = wanted.filter { !has.contains($0) }
        guard missing.isEmpty else {
            let rights = missing.joined(separator: ", ")
            let account = user.split(separator: "@").map { "'\($0)'" }.joined(separator: "@")
            throw SessionError(
                .notPermitted,
                "copying the files of a server needs the rights \(rights), which \(account) does not have; an "
                    + "administrator has to run GRANT \(rights) ON *.* TO \(account)"
            )
        }
    }
}

/// `10.11` of `10.11.19-MariaDB`.
func mariaDBSeries(of version: some StringProtocol) -> String {
    version.split(separator: ".").prefix(2).joined(separator: ".")
}

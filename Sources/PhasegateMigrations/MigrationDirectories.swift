import Glibc
import PhasegateProbes
import Synchronization

/// Migration directories as they were read, for as long as nothing in them has changed.
///
/// Every step of a set looks at all its files; reading and parsing them each
/// time costs more than the migration, while asking for their marks does not.
final class MigrationDirectories: Sendable {
    private struct Reading: Sendable {
        let directory: MigrationDirectory
        let mark: DirectoryMark
    }

    private let readings = Mutex<[String: Reading]>([:])

    /// The directory as it is now.
    func directory(at path: String, dialect: SQLDialect) -> MigrationDirectory {
        let mark = DirectoryMark(of: [path, path + "/rollback"])
        if let known = readings.withLock({ $0[path] }), known.directory.dialect == dialect, known.mark == mark {
            return known.directory
        }
        let directory = MigrationDirectory(path: path, dialect: dialect)
        // A file that changes within a tick of the file system's clock keeps its mark.
        let isSettled = time(nil) - mark.newest >= 2
        readings.withLock { $0[path] = isSettled ? Reading(directory: directory, mark: mark) : nil }
        return directory
    }
}

/// What changes when a file in one of some directories does, or comes or goes.
private struct DirectoryMark: Equatable, Sendable {
    /// Sum over all entries, whose order in a directory is nobody's.
    private var sum: UInt64 = 0
    private var count = 0
    /// Seconds since 1970 of the latest change.
    private(set) var newest = 0

    init(of directories: [String]) {
        for (number, path) in directories.enumerated() {
            guard let directory = opendir(path) else { continue }
            defer { closedir(directory) }
            while let entry = readdir(directory) {
                guard let offset = MemoryLayout<dirent>.offset(of: \.d_name) else { continue }
                let name = (UnsafeRawPointer(entry) + offset).assumingMemoryBound(to: CChar.self)
                // What is done to the directory above is none of this.
                guard strcmp(name, "..") != 0 else { continue }
                var hasher = Hasher()
                hasher.combine(number)
                hasher.combine(bytes: UnsafeRawBufferPointer(start: name, count: strlen(name)))
                add(entry: name, of: directory, hasher)
            }
        }
    }

    private mutating func add(entry name: UnsafePointer<CChar>, of directory: OpaquePointer, _ named: Hasher) {
        var status = stat()
        var hasher = named
        if fstatat(dirfd(directory), name, &status, 0) == 0 {
            hasher.combine(status.st_dev)
            hasher.combine(status.st_ino)
            hasher.combine(status.st_size)
            // Of the inode: it cannot be set back, as that of the content can.
            hasher.combine(status.st_ctim.tv_sec)
            hasher.combine(status.st_ctim.tv_nsec)
            newest = max(newest, status.st_ctim.tv_sec)
        }
        sum &+= UInt64(bitPattern: Int64(hasher.finalize()))
        count += 1
    }
}

import Glibc
import PhasegateProbes

/// The end of a file that others write to, through rotation, truncation and deletion.
///
/// Blocks a thread of its own while it reads.
actor FileTail {
    /// What was new.
    struct News: Sendable {
        var batches: [ObservationBatch] = []
        /// Whether there is no more for the moment.
        var isAll = true
    }

    /// A file that is read: the one under the path, or one that was and may still be written to.
    private struct OpenFile {
        let descriptor: Int32
        let device: dev_t
        let inode: ino_t
        var offset: off_t
        var lines: ObservationLines
        /// Since when another file has its name, and nothing more came.
        var quietSince: Duration?
    }

    /// Read at once; at 17 bytes the shortest line gives 7,710 requests.
    private static let chunk = 128 * 1024
    /// How long a file without a name is still read: programs write on until they have opened the new one.
    private static let farewell = Duration.seconds(2)
    /// How long no file may have the name: a rotation takes a moment.
    private static let absence = Duration.seconds(1)

    private let path: String
    private let elapsed: @Sendable () -> Duration
    private let executor = BlockingExecutor(label: "phasegate.file-tail")
    private var files: [OpenFile] = []
    private var isFirstLook = true
    private var missingSince: Duration?
    private var toldGap: String?
    private var buffer = [UInt8](repeating: 0, count: chunk)

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - path: where the file is, or will be.
    ///   - elapsed: a clock that never steps back.
    init(path: String, elapsed: @escaping @Sendable () -> Duration = monotonicTime) {
        self.path = path
        self.elapsed = elapsed
    }

    /// What is new since the last call, at most a chunk of each file.
    func next() -> News {
        var news = News()
        lookForFile(&news)
        for index in files.indices { read(index, &news) }
        let now = elapsed()
        files.removeAll { file in
            guard let since = file.quietSince, now - since > Self.farewell else { return false }
            _ = Glibc.close(file.descriptor)
            return true
        }
        return news
    }

    /// Closes the files.
    func close() {
        for file in files { _ = Glibc.close(file.descriptor) }
        files = []
    }

    // MARK: Finding

    private func lookForFile(_ news: inout News) {
        defer { isFirstLook = false }
        var status = stat()
        guard stat(path, &status) == 0 else {
            let cause = errno
            return miss(cause == ENOENT ? "is not there" : "cannot be read: \(reason(cause))", &news)
        }
        guard status.st_mode & S_IFMT == S_IFREG else { return miss("is not a file", &news) }
        if let current = files.last, current.quietSince == nil, current.device == status.st_dev,
            current.inode == status.st_ino
        {
            return found(&news)
        }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return miss("cannot be read: \(reason(errno))", &news) }
        guard fstat(descriptor, &status) == 0 else {
            _ = Glibc.close(descriptor)
            return miss("cannot be read: \(reason(errno))", &news)
        }
        let now = elapsed()
        for index in files.indices where files[index].quietSince == nil { files[index].quietSince = now }
        // What was served before nobody asked counts for nothing; a file that comes later is all new.
        let offset = isFirstLook ? status.st_size : 0
        files.append(
            OpenFile(
                descriptor: descriptor,
                device: status.st_dev,
                inode: status.st_ino,
                offset: offset,
                lines: ObservationLines(skippingFirst: offset > 0 && !endsLine(descriptor, offset))
            )
        )
        found(&news)
    }

    private func endsLine(_ descriptor: Int32, _ offset: off_t) -> Bool {
        var last: UInt8 = 0
        return pread(descriptor, &last, 1, offset - 1) == 1 && last == 0x0A
    }

    private func found(_ news: inout News) {
        missingSince = nil
        guard toldGap != nil else { return }
        toldGap = nil
        news.batches.append(.requests([]))
    }

    private func miss(_ why: String, _ news: inout News) {
        let now = elapsed()
        let since = missingSince ?? now
        missingSince = since
        guard toldGap != why, files.isEmpty || now - since > Self.absence else { return }
        toldGap = why
        news.batches.append(.gap("\(path) \(why)"))
    }

    // MARK: Reading

    private func read(_ index: Int, _ news: inout News) {
        let count = pread(files[index].descriptor, &buffer, buffer.count, files[index].offset)
        guard count > 0 else { return restartIfCut(index) }
        files[index].offset += off_t(count)
        if files[index].quietSince != nil { files[index].quietSince = elapsed() }
        files[index].lines.take(buffer[..<count])
        let (observations, rejected) = files[index].lines.fetch()
        if !observations.isEmpty { news.batches.append(.requests(observations)) }
        if let rejected { news.batches.append(.rejected(rejected)) }
        if count == buffer.count { news.isAll = false }
    }

    /// Whoever cuts a file off writes it anew from its beginning.
    private func restartIfCut(_ index: Int) {
        var status = stat()
        guard fstat(files[index].descriptor, &status) == 0, status.st_size < files[index].offset else { return }
        files[index].offset = 0
        files[index].lines.drop()
    }

    private func reason(_ code: Int32) -> String { String(cString: strerror(code)).lowercased() }
}

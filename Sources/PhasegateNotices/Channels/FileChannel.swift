import FoundationEssentials
import Glibc
public import PhasegateCore
import PhasegateHTTP
import PhasegateSecrets

/// Writes each notice to a file of its own; the same notice always to the same file.
public struct FileChannel: ChannelKind {
    static let declaration = ChannelDeclaration(
        kind: "file",
        summary: "Writes each notice to a file of its own.",
        settings: [
            .init(
                "directory",
                .text,
                "Where the files go, relative to the rollout file; 'notices' beside the reports unless given."
            )
        ],
        check: { settings throws(Diagnostic) in _ = try ChannelSettings(settings).text("directory") }
    )

    /// Its name in the rollout file.
    public let name: ChannelName
    private let directory: String

    init(_ channel: NoticePlan.Channel, context: ChannelContext) throws(Diagnostic) {
        name = channel.name
        let settings = ChannelSettings(channel.settings, baseDirectory: context.baseDirectory)
        directory = try settings.path("directory") ?? context.directory
    }

    /// Writes the file, whose name begins with the moment the notice was raised and its identifier.
    ///
    /// A reader sees the whole file or none. Where it is there already, an
    /// earlier attempt has written it, and it stays as it is.
    ///
    /// - Returns: the name of the file.
    /// - Throws: `DeliveryFailure` when it cannot be written; trying again is safe.
    public func send(_ notice: Notice, attempt: DeliveryAttempt) async throws(DeliveryFailure) -> String {
        let file = try fileName(notice)
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        } catch {
            throw DeliveryFailure("cannot make the directory '\(directory)': \(systemReason(errno))")
        }
        let draft = "\(directory)/.draft-\(getpid())-\(UInt64.random(in: .min ... .max))"
        defer { unlink(draft) }
        try write(Array(NoticeText.lines(notice.body).utf8), to: draft)
        // A link fails where a rename would overwrite what is there.
        guard link(draft, "\(directory)/\(file)") == 0 || errno == EEXIST else {
            throw DeliveryFailure("cannot write '\(directory)/\(file)': \(systemReason(errno))")
        }
        try keepDirectory()
        return file
    }

    /// The file's name and its content.
    public func preview(_ notice: Notice, attempt: DeliveryAttempt) throws(DeliveryFailure) -> String {
        "\(directory)/\(try fileName(notice))\n\n" + NoticeText.lines(notice.body)
    }

    /// As `20260609T101320120Z-quantumleap.17-risk-alert-r003.txt`: in the order of raising, one for each notice.
    private func fileName(_ notice: Notice) throws(DeliveryFailure) -> String {
        let raised = notice.raisedAt.description.filter { !"-:.".contains($0) }
        var id = ""
        for byte in notice.id.rawValue.utf8 {
            if byte.isASCIILetterOrDigit || "._-".utf8.contains(byte) {
                id.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                id += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
        guard (1...150).contains(id.utf8.count) else {
            throw DeliveryFailure("the notice's identifier cannot be part of a file name", remedy: .giveUp)
        }
        return "\(raised)-\(id)-\(NoticeText.slug(notice.title)).txt"
    }

    private func write(_ bytes: [UInt8], to path: String) throws(DeliveryFailure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw cannotWrite(errno) }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                throw cannotWrite(errno)
            }
        }
        guard fsync(descriptor) == 0 else { throw cannotWrite(errno) }
    }

    /// The name of a file is only as lasting as its directory.
    private func keepDirectory() throws(DeliveryFailure) {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw cannotWrite(errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw cannotWrite(errno) }
    }

    private func cannotWrite(_ code: Int32) -> DeliveryFailure {
        DeliveryFailure("cannot write into '\(directory)': \(systemReason(code))")
    }
}

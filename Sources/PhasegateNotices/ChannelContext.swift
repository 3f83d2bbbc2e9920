/// What channels reach the world through.
///
/// There is no clock in it: what depends on time depends on the time of the attempt.
public struct ChannelContext: Sendable {
    /// Where relative paths in settings begin: the directory of the rollout file.
    public let baseDirectory: String
    /// Where `file` writes, unless its settings say otherwise; made when the first notice is sent.
    public let directory: String
    /// Where `console` writes; takes a text that ends in a line feed.
    public let write: @Sendable (String) -> Void
    /// How requests go out.
    public let http: any OutgoingHTTP
    /// How mail goes out.
    public let mail: any OutgoingMail
    /// Where secrets come from.
    public let secrets: SecretSource

    /// Puts a context together.
    ///
    /// - Parameters:
    ///   - baseDirectory: where relative paths in settings begin; absolute, so that the directory a job is started in
    ///     makes no difference.
    ///   - directory: where `file` writes, unless its settings say otherwise.
    ///   - write: where `console` writes.
    ///   - http: how requests go out.
    ///   - mail: how mail goes out.
    ///   - secrets: where secrets come from.
    public init(
        baseDirectory: String,
        directory: String,
        write: @escaping @Sendable (String) -> Void,
        http: any OutgoingHTTP = CurlHTTP(),
        mail: any OutgoingMail = CurlMail(),
        secrets: SecretSource = .world
    ) {
        self.baseDirectory = baseDirectory
        self.directory = directory
        self.write = write
        self.http = http
        self.mail = mail
        self.secrets = secrets
    }
}

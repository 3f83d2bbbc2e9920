/// What channels reach the world through.
///
/// There is no clock in it: what depends on time depends on the time of the attempt.
public struct ChannelContext: Sendable {
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
    public init(
        directory: String,
        write: @escaping @Sendable (String) -> Void,
        http: any OutgoingHTTP = CurlHTTP(),
        mail: any OutgoingMail = CurlMail(),
        secrets: SecretSource = .world
    ) {
        self.directory = directory
        self.write = write
        self.http = http
        self.mail = mail
        self.secrets = secrets
    }
}

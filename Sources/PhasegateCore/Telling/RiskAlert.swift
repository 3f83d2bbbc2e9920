/// A risk alert to people.
///
/// Every field has to be filled: wording one that is not is refused, and a plain notice goes out instead.
public struct RiskAlert: Hashable, Codable, Sendable {
    /// The risk's identifier.
    public let riskID: RiskID
    /// The risk's name.
    public let riskName: String
    /// Its level: HIGH, MEDIUM or LOW.
    public let severity: String
    /// Its probability, as `25 %`, or the band where no figure is given.
    public let probability: String
    /// Its impact in words.
    public let impact: String
    /// How things stand.
    public let status: String
    /// What is done at once; at least one.
    public let actions: [String]
    /// When it will be settled.
    public let resolutionTime: String
    /// When people hear more.
    public let nextUpdate: String
    /// Who to ask.
    public let contact: String
    /// Where.
    public let channel: String

    /// Puts an alert together.
    public init(
        riskID: RiskID,
        riskName: String,
        severity: String,
        probability: String,
        impact: String,
        status: String,
        actions: [String],
        resolutionTime: String,
        nextUpdate: String,
        contact: String,
        channel: String
    ) {
        self.riskID = riskID
        self.riskName = riskName
        self.severity = severity
        self.probability = probability
        self.impact = impact
        self.status = status
        self.actions = actions
        self.resolutionTime = resolutionTime
        self.nextUpdate = nextUpdate
        self.contact = contact
        self.channel = channel
    }
}

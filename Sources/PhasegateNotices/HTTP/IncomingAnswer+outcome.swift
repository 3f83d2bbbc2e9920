import PhasegateCore

extension IncomingAnswer {
    /// What the answer means for the notice.
    ///
    /// - Parameter attempt: the attempt it answers; a date in `Retry-After` is counted from its moment.
    /// - Returns: what goes into the ledger, as `200`.
    /// - Throws: `DeliveryFailure`; its message holds the status and nothing the receiver chose.
    func receipt(for attempt: DeliveryAttempt) throws(DeliveryFailure) -> String {
        switch status {
        case 200..<300: return String(status)
        case 300..<400:
            throw DeliveryFailure("the receiver answered \(status), and redirects are not followed", remedy: .giveUp)
        case 410: throw DeliveryFailure("the receiver is gone for good (410)", remedy: .closeChannel)
        case 408, 425, 429, 500..<600:
            throw DeliveryFailure("the receiver answered \(status)", remedy: .retry(after: wait(from: attempt.at)))
        case 400..<500: throw DeliveryFailure("the receiver answered \(status)", remedy: .giveUp)
        default: throw DeliveryFailure("the receiver gave no answer that HTTP knows")
        }
    }

    /// How long the receiver asked to be left alone: `Retry-After` in seconds or as a date.
    ///
    /// As it asked, never negative; how much of it is granted is for whoever plans the attempts.
    func wait(from moment: Moment) -> Duration? {
        guard let text = headers["retry-after"] else { return nil }
        if !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            // More digits than a number has are as good as the largest one.
            return .seconds(Int64(text) ?? .max)
        }
        return Moment(httpDate: text).map { max($0 - moment, .zero) }
    }
}

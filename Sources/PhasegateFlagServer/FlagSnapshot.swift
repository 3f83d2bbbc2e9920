import NIOCore
import PhasegateCore
import PhasegateFlags
import PhasegateHashing

/// All flags of a store as they were at one moment, with the answers made ready.
///
/// What a flag answers depends on one bit of the user, so both answers are
/// written down once and only the lot is drawn for each question.
struct FlagSnapshot: Sendable {
    /// One flag and what it answers.
    struct Entry: Sendable {
        let record: FlagRecord
        /// Made once: a ranked cohort has to be put in order.
        fileprivate let rule: FlagRule
        fileprivate let exposed: ByteBuffer
        fileprivate let safe: ByteBuffer
        fileprivate let withoutKey: ByteBuffer

        /// The answer to whoever asks, without a key where the context lacks what the flag buckets by; O(length of the key).
        func answer(in context: [String: String]) -> ByteBuffer {
            let key = context[rule.draw.bucketBy] ?? ""
            if rule.isExposed(key) { return exposed }
            let needsKey = record.share != .none && record.share != .all
            return needsKey && key.isEmpty ? withoutKey : safe
        }
    }

    private let entries: [String: Entry]
    /// The flags by key, in order, as a bulk answer lists them.
    let ordered: [Entry]
    /// Changes when anything in it does; opaque.
    let mark: String
    /// The flags as flagd's daemon reads them, and the tag of these bytes.
    let definition: (body: ByteBuffer, tag: String)

    /// Makes the answers ready.
    ///
    /// - Parameters:
    ///   - records: the flags.
    ///   - isCurrent: false when the store could not be read since; then all answers are the safe ones and say so.
    init(_ records: [FlagRecord], isCurrent: Bool) {
        ordered = records.sorted { $0.key.rawValue < $1.key.rawValue }.map { Entry($0, isCurrent: isCurrent) }
        entries = Dictionary(ordered.map { ($0.record.key.rawValue, $0) }) { first, _ in first }
        let rules = ordered.map { entry in
            // As with the other answers: what cannot be read exposes nobody.
            isCurrent ? entry.rule : FlagRule(key: entry.record.key, draw: entry.record.draw, share: .none)
        }
        let text = FlagdDefinition.text(for: rules)
        definition = (ByteBuffer(string: text), #""\#(sha256(of: text).prefix(32))""#)
        mark =
            (isCurrent ? "" : "unread ")
            + ordered.map { "\($0.record.key)=\($0.record.version)" }.joined(separator: " ")
    }

    /// A flag; nothing when there is none of that key.
    subscript(key: String) -> Entry? { entries[key] }
}

extension FlagSnapshot.Entry {
    fileprivate init(_ record: FlagRecord, isCurrent: Bool) {
        self.record = record
        rule = record.rule
        let reason = record.share == .none || record.share == .all ? "STATIC" : "SPLIT"
        safe = Self.body(record, isOn: false, isCurrent ? reason : "UNKNOWN")
        exposed = isCurrent ? Self.body(record, isOn: true, reason) : safe
        withoutKey = Self.body(record, isOn: false, "UNKNOWN")
    }

    /// One evaluation as OFREP writes it; keys hold nothing that JSON would have to escape.
    private static func body(_ record: FlagRecord, isOn: Bool, _ reason: String) -> ByteBuffer {
        ByteBuffer(
            string: #"{"key":"\#(record.key)","value":\#(isOn),"reason":"\#(reason)","#
                + #""variant":"\#(isOn ? "on" : "off")","metadata":{"version":"\#(record.version)","#
                + #""shareBasisPoints":\#(record.share.rawValue)}}"#
        )
    }
}

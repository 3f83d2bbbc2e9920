import PhasegateCore

/// How long the texts of a file may be so that it stays below its limit.
///
/// Cases are never left out and counts never changed: texts lose their middle,
/// those of cases that are not red first, in the end all but their message.
struct JUnitBudget {
    /// How much of a text stays.
    enum Share: Int, CaseIterable {
        case all, most, much, some, message

        /// Bytes; nothing for the message alone.
        fileprivate var bytes: Int? {
            switch self {
            case .all: PlainText.limit
            case .most: PlainText.limit / 4
            case .much: PlainText.limit / 16
            case .some: PlainText.limit / 64
            case .message: nil
            }
        }

        fileprivate var next: Share? { Share(rawValue: rawValue + 1) }

        /// In words.
        fileprivate var sentence: String {
            bytes.map { "at most \($0) bytes" } ?? "their first lines"
        }

        /// What to take out of a case's text; nothing if it may stay.
        func cut(_ text: TextBuffer, message: TextBuffer) -> TextCut? {
            guard let bytes else { return TextCut(of: text.bytes, behind: message.bytes.count) }
            return TextCut(of: text.bytes, to: bytes)
        }
    }

    /// What stays of texts of cases that are not red.
    private(set) var green = Share.all
    /// What stays of texts of red cases.
    private(set) var red = Share.all
    /// What was shortened, for a property of each suite; nothing if nothing was.
    private(set) var note: String?

    /// What stays of the text of a case.
    func share(for result: JUnitResult) -> Share { result.isRed ? red : green }
}

extension JUnitBudget {
    /// Finds the most that stays below a limit; goes through the cases once, if there is a limit.
    ///
    /// Sizes are counted a little high, so that the file is never larger than was counted.
    init(for suites: [JUnitSuite], _ profile: JUnitProfile, limit: Int?) {
        guard let limit else { return }
        var sizes = Sizes()
        for suite in suites where !sizes.isHopeless(limit) { sizes.add(suite, profile, limit: limit) }
        while sizes.total(green: green, red: red) > limit {
            if let next = green.next {
                green = next
            } else if let next = red.next {
                red = next
            } else {
                break
            }
        }
        guard green != .all else { return }
        note =
            "to keep the file below \(limit) bytes, texts of red cases are cut to \(red.sentence), of others to "
            + "\(green.sentence); no case is left out"
        if sizes.total(green: green, red: red) > limit { note? += ", and their bare number needs more" }
    }
}

/// What a document needs, by how much of its texts stays.
private struct Sizes {
    /// All but the texts.
    private var frame = 1_000
    private var green = [Int](repeating: 0, count: JUnitBudget.Share.allCases.count)
    private var red = [Int](repeating: 0, count: JUnitBudget.Share.allCases.count)

    /// Names and blanks of a suite's attributes and properties, the note on what was cut, counted high.
    private static let suite = 2_000
    /// Names and blanks of a case's elements and attributes, counted high.
    private static let markup = 260
    private static let place = 80
    private static let trait = 60

    func total(green share: JUnitBudget.Share, red redShare: JUnitBudget.Share) -> Int {
        frame + green[share.rawValue] + red[redShare.rawValue]
    }

    /// Whether even messages alone are too much; what comes after that changes nothing.
    func isHopeless(_ limit: Int) -> Bool { total(green: .message, red: .message) > limit }

    private struct IsHopeless: Error {}

    /// Adds a suite, or as much of it as it takes to be hopeless.
    mutating func add(_ suite: JUnitSuite, _ profile: JUnitProfile, limit: Int) {
        try? addCases(of: suite, profile, limit: limit)
    }

    private mutating func addCases(of suite: JUnitSuite, _ profile: JUnitProfile, limit: Int) throws {
        frame += Self.suite + 2 * written(suite.name)
        for text in [suite.report.version, suite.report.planDigest, suite.report.ledgerHead] { frame += cut(text) }
        let classname = written(suite.classname)
        var message = TextBuffer()
        try suite.forEachCase(profile) { testCase in
            if isHopeless(limit) { throw IsHopeless() }
            message.set(firstLineOf: testCase.text, atMost: JUnitCase.messageLimit)
            frame += Self.markup + classname + written(testCase.name) + 2 * written(message.bytes[...])
            if profile == .ci {
                if let place = testCase.place { frame += Self.place + cut(place.file) }
                if let owner = testCase.owner { frame += Self.place + cut(owner) }
                for trait in testCase.traits { frame += Self.trait + cut(trait.value) }
            }
            // Ant's cases have no place for the text of a pass.
            guard profile != .ant || testCase.result.isRed || testCase.result == .skipped else { return }
            var size = 0
            for share in JUnitBudget.Share.allCases {
                let cut = share.cut(testCase.text, message: message)
                // What fits is the same size in each larger share.
                if cut != nil || share == .all { size = written(testCase.text.bytes, cut) }
                if testCase.result.isRed { red[share.rawValue] += size } else { green[share.rawValue] += size }
            }
        }
    }

    private func written(_ bytes: [UInt8], _ cut: TextCut?) -> Int {
        guard let cut else { return written(bytes[...]) }
        return written(bytes[..<cut.head]) + TextCut.noteLength + written(bytes[cut.tail...])
    }

    /// A text that is cut to an attribute's length when it is written.
    private func cut(_ text: String) -> Int { min(written(text), 6 * PlainText.attributeLimit) }

    private func written(_ text: String) -> Int {
        text.utf8.withContiguousStorageIfAvailable(written) ?? text.utf8.count * 6
    }

    private func written(_ bytes: ArraySlice<UInt8>) -> Int { bytes.withUnsafeBufferPointer(written) }

    /// Bytes as they are written: `&quot;` is the longest that one becomes.
    private func written(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var extra = 0
        for byte in bytes {
            let isMarkup = byte == 0x3C || byte == 0x3E || byte == 0x26 || byte == 0x22
            extra &+= isMarkup ? 5 : 0
        }
        return bytes.count + extra
    }
}

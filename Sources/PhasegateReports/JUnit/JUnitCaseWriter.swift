import PhasegateCore

/// Writes the cases of one suite, one after the other.
struct JUnitCaseWriter {
    let xml: XMLDocumentWriter
    let profile: JUnitProfile
    let classname: String
    let budget: JUnitBudget
    private var message = TextBuffer()
    private var time = TextBuffer()
    private var warnings = JUnitWarnings()

    init(xml: XMLDocumentWriter, profile: JUnitProfile, classname: String, budget: JUnitBudget) {
        self.xml = xml
        self.profile = profile
        self.classname = classname
        self.budget = budget
    }

    /// Writes a case; its text is cut to what it may have.
    mutating func write(_ testCase: inout JUnitCase) throws {
        message.set(firstLineOf: testCase.text, atMost: JUnitCase.messageLimit)
        testCase.text.cut(budget.share(for: testCase.result).cut(testCase.text, message: message))
        try xml.open("testcase")
        try xml.attribute("name", testCase.name)
        try xml.attribute("classname", classname)
        time.clear()
        time.add(seconds: testCase.milliseconds)
        try xml.attribute("time", &time)
        if profile == .ci { try writeExtras(of: testCase) }
        switch testCase.result {
        case .passed, .warned:
            if profile != .ant {
                try xml.open("system-out")
                try xml.text(&testCase.text)
                try xml.close()
            } else if testCase.result == .warned {
                warnings.add(message, named: testCase.name)
            }
        case .failure(let type): try write("failure", type: type, &testCase.text)
        case .error(let type): try write("error", type: type, &testCase.text)
        case .skipped: try write("skipped", type: nil, &testCase.text)
        }
        try xml.close()
    }

    /// Writes what the cases had no place for, in the order that Ant's schema demands.
    mutating func writeWarnings() throws {
        warnings.close()
        try xml.element("system-out") { try xml.text(&warnings.text) }
        try xml.element("system-err")
    }

    private mutating func write(_ element: StaticString, type: String?, _ text: inout TextBuffer) throws {
        try xml.open(element)
        try xml.attribute("message", &message)
        if let type { try xml.attribute("type", type) }
        try xml.text(&text)
        try xml.close()
    }

    private func writeExtras(of testCase: JUnitCase) throws {
        if let place = testCase.place {
            try xml.attribute("file", PlainText.attribute(place.file))
            try xml.attribute("line", place.line)
        }
        if let owner = testCase.owner { try xml.attribute("owner", PlainText.attribute(owner)) }
        guard !testCase.traits.isEmpty else { return }
        try xml.element("properties") {
            for trait in testCase.traits { try xml.property(trait.name, trait.value) }
        }
    }
}

extension XMLDocumentWriter {
    /// Writes a property with a value from outside.
    func property(_ name: StaticString, _ value: String) throws {
        try element("property") {
            try attribute("name", name)
            try attribute("value", PlainText.attribute(value))
        }
    }
}

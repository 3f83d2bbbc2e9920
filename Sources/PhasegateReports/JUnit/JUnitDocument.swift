import PhasegateCore

/// Writes a report as one JUnit document.
struct JUnitDocument {
    let report: RolloutReport
    let profile: JUnitProfile
    /// Bytes the file should stay below; nothing for no limit.
    let limit: Int?

    /// Writes the document piece by piece, in time and memory that grow with nothing but its cases.
    func write(to sink: ReportFile.Sink) throws {
        let suites = JUnitSuite.all(of: report)
        let budget = JUnitBudget(for: suites, profile, limit: limit)
        try XMLDocumentWriter.write(to: sink) { xml in
            try xml.element("testsuites") {
                if profile != .ant { try writeTotals(of: suites, to: xml) }
                for (index, suite) in suites.enumerated() { try write(suite, id: index, budget, to: xml) }
            }
        }
    }

    private func writeTotals(of suites: [JUnitSuite], to xml: XMLDocumentWriter) throws {
        try xml.attribute("name", JUnitCase.name(report.rollout.rawValue))
        try xml.attribute("time", seconds(suites.reduce(0) { $0 + $1.milliseconds }))
        try xml.attribute("tests", suites.reduce(0) { $0 + $1.tests })
        try xml.attribute("failures", suites.reduce(0) { $0 + $1.failures })
        try xml.attribute("errors", suites.reduce(0) { $0 + $1.errors })
        guard profile == .ci else { return }
        try xml.attribute("skipped", suites.reduce(0) { $0 + $1.skipped })
        try xml.attribute("timestamp", timestamp(report.openedAt ?? report.generatedAt))
    }

    private func write(_ suite: JUnitSuite, id: Int, _ budget: JUnitBudget, to xml: XMLDocumentWriter) throws {
        try xml.element("testsuite") {
            try xml.attribute("name", suite.name)
            // Jenkins joins package and name.
            try xml.attribute("package", "")
            try xml.attribute("id", id)
            // The report may be written anywhere; the same report gives the same bytes.
            if profile == .ant { try xml.attribute("hostname", "localhost") }
            try xml.attribute("timestamp", timestamp(suite.from ?? report.generatedAt))
            try xml.attribute("tests", suite.tests)
            try xml.attribute("failures", suite.failures)
            try xml.attribute("errors", suite.errors)
            try xml.attribute("skipped", suite.skipped)
            try xml.attribute("time", seconds(suite.milliseconds))
            try xml.element("properties") {
                try xml.property("phasegate.version", report.version)
                try xml.property("phasegate.status", report.status.rawValue)
                try xml.property("phasegate.verdict", report.verdict?.rawValue ?? "none")
                try xml.property("phasegate.plan", report.planDigest)
                try xml.property("phasegate.ledger", report.ledgerHead)
                try xml.property("phasegate.warnings", String(suite.warnings))
                if let note = budget.note { try xml.property("phasegate.shortened", note) }
            }
            try writeCases(of: suite, budget, to: xml)
        }
    }

    private func writeCases(of suite: JUnitSuite, _ budget: JUnitBudget, to xml: XMLDocumentWriter) throws {
        var writer = JUnitCaseWriter(xml: xml, profile: profile, classname: suite.classname, budget: budget)
        try suite.forEachCase(profile) { try writer.write(&$0) }
        if profile == .ant { try writer.writeWarnings() }
    }

    private func seconds(_ milliseconds: Int64) -> String {
        var text = TextBuffer()
        text.add(seconds: milliseconds)
        return String(decoding: text.bytes, as: UTF8.self)
    }

    /// Whole seconds; with the zone, since without it a reader takes its own, unless the schema forbids it.
    private func timestamp(_ moment: Moment) -> String {
        moment.description.prefix(19) + (profile == .ant ? "" : "Z")
    }
}

public import PhasegateCore

/// JUnit XML for CI servers, in the dialect that Jenkins' xunit plug-in accepts.
///
/// A suite per phase; a case per criterion and per step. What was weighed but
/// not measured is an `error`, never a pass. See `docs/formats/junit.md`.
public struct JUnitReport: ReportFormat {
    /// Name on the command line.
    public let name = "junit"

    /// Makes the format; it has no settings.
    public init() {}

    /// Renders the report into `junit.xml`.
    ///
    /// - Parameter report: what is shown.
    /// - Returns: one file.
    /// - Throws: when libxml2 runs out of memory.
    public func render(_ report: RolloutReport) throws -> [ReportFile] {
        let suites =
            report.phases.isEmpty
            ? [JUnitSuite(withoutPhases: report)] : report.phases.map { JUnitSuite($0, in: report) }
        let bytes = try XMLDocumentWriter.document { xml in
            try xml.element(
                "testsuites",
                [
                    "name": attribute(report.rollout.rawValue),
                    "time": seconds(suites.reduce(0) { $0 + $1.time }),
                    "tests": String(suites.reduce(0) { $0 + $1.cases.count }),
                    "failures": String(suites.reduce(0) { $0 + $1.failures }),
                    "errors": String(suites.reduce(0) { $0 + $1.errors }),
                ]
            ) {
                for (index, suite) in suites.enumerated() { try write(suite, id: index, of: report, to: xml) }
            }
        }
        return [ReportFile(name: "junit.xml", bytes: bytes)]
    }

    private func write(
        _ suite: JUnitSuite,
        id: Int,
        of report: RolloutReport,
        to xml: XMLDocumentWriter
    ) throws {
        try xml.element(
            "testsuite",
            [
                "name": attribute(suite.name), "package": "", "id": String(id),
                "timestamp": timestamp(suite.from ?? report.generatedAt),
                "tests": String(suite.cases.count), "failures": String(suite.failures),
                "errors": String(suite.errors), "skipped": String(suite.skipped),
                "time": seconds(suite.time),
            ]
        ) {
            try xml.element("properties") {
                try property("phasegate.version", report.version, to: xml)
                try property("phasegate.status", report.status.rawValue, to: xml)
                try property("phasegate.verdict", report.verdict?.rawValue ?? "none", to: xml)
                try property("phasegate.plan", report.planDigest, to: xml)
                try property("phasegate.ledger", report.ledgerHead, to: xml)
                try property("phasegate.warnings", String(suite.warnings), to: xml)
            }
            for testCase in suite.cases { try write(testCase, classname: suite.classname, to: xml) }
        }
    }

    private func write(_ testCase: JUnitCase, classname: String, to xml: XMLDocumentWriter) throws {
        try xml.element(
            "testcase",
            [
                "name": attribute(testCase.name), "classname": attribute(classname), "time": seconds(testCase.time),
            ]
        ) {
            let message = attribute(testCase.message, atMost: 200)
            switch testCase.result {
            case .passed, .warned:
                try xml.element("system-out") { try xml.text(text(testCase.body)) }
            case .failure(let type):
                try xml.element("failure", ["message": message, "type": type]) { try xml.text(text(testCase.body)) }
            case .error(let type):
                try xml.element("error", ["message": message, "type": type]) { try xml.text(text(testCase.body)) }
            case .skipped:
                try xml.element("skipped", ["message": message]) { try xml.text(text(testCase.body)) }
            }
        }
    }

    private func property(_ name: String, _ value: String, to xml: XMLDocumentWriter) throws {
        try xml.element("property", ["name": name, "value": attribute(value)])
    }

    /// Names beyond the default length are cut by consumers anyway.
    private func attribute(_ text: String, atMost count: Int = 500) -> String {
        PlainText.oneLine(PlainText.withoutDirectives(PlainText.oneLine(text)), atMost: count)
    }

    private func text(_ text: String) -> String {
        PlainText.capped(PlainText.withoutDirectives(PlainText.cleaned(text)))
    }

    /// Three decimals with a point, whatever the locale.
    private func seconds(_ seconds: Double) -> String {
        let milliseconds = Int64((min(max(seconds, 0), 1e12) * 1000).rounded())
        let fraction = String(milliseconds % 1000)
        return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - fraction.count))\(fraction)"
    }

    /// Whole seconds with the zone: without it a reader takes its own.
    private func timestamp(_ moment: Moment) -> String { moment.description.prefix(19) + "Z" }
}

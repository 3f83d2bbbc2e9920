import PhasegateCore

/// The report for programs, inside the page: what `report.json` says, escaped for its place.
struct EmbeddedJSON {
    let json: Drawing
    let note: Shown

    /// Encodes a report.
    ///
    /// - Throws: what the encoder throws, which it does not for a report.
    init(_ report: RolloutReport, limits: PageLimits) throws {
        let samples = report.phases.reduce(0) { $1.criteria.reduce($0) { $0 + $1.history.count } }
        let isComplete = samples <= limits.samples
        let bytes = try ReportJSON.encode(isComplete ? report : report.withoutHistories, isIndented: false)
        guard bytes.count <= limits.embeddedBytes else {
            json = Drawing("null")
            note = Shown("The report as JSON has \(grouped(bytes.count)) bytes, too many for a page: see report.json.")
            return
        }
        json = Drawing(Self.escaped(bytes))
        note = Shown(
            isComplete
                ? "Everything this page shows is in it as JSON, in the script element 'report'; it equals report.json."
                : "The report is in this page as JSON, in the script element 'report'; \(grouped(samples)) measured "
                    + "numbers of histories are left out of it, report.json has them."
        )
    }

    /// JSON in which nothing can end the element it stands in, or turn the text around it.
    private static func escaped(_ bytes: [UInt8]) -> String {
        var result = String.UnicodeScalarView()
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            switch scalar {
            case "<", ">", "&", "\u{7F}": escape(UInt16(scalar.value))
            case _ where scalar.isInvisibleCommand:
                for unit in String(scalar).utf16 { escape(unit) }
            default: result.append(scalar)
            }
        }
        return String(result)

        func escape(_ unit: UInt16) {
            let digits = String(unit, radix: 16)
            let zeros = String(repeating: "0", count: 4 - digits.count)
            result.append(contentsOf: "\\u\(zeros)\(digits)".unicodeScalars)
        }
    }
}

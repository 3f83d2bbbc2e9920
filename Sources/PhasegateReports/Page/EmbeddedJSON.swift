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
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + bytes.count / 16)
        // Most of it is plain ASCII and goes over in runs.
        var run = bytes.startIndex
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            let length = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
            if let units = unitsToEscape(at: index, length, in: bytes) {
                result += bytes[run..<index]
                for unit in units { escape(unit, into: &result) }
                run = index + length
            }
            index += length
        }
        result += bytes[run...]
        return String(decoding: result, as: UTF8.self)
    }

    /// The UTF-16 of a character that must not stand as it is; the encoder writes well-formed UTF-8.
    private static func unitsToEscape(at index: Int, _ length: Int, in bytes: [UInt8]) -> [UInt16]? {
        guard length > 1 else {
            switch bytes[index] {
            case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"), 0x7F: return [UInt16(bytes[index])]
            default: return nil
            }
        }
        let text = String(decoding: bytes[index..<index + length], as: UTF8.self)
        guard let scalar = text.unicodeScalars.first, scalar.isInvisibleCommand else { return nil }
        return Array(text.utf16)
    }

    private static func escape(_ unit: UInt16, into result: inout [UInt8]) {
        let digits = String(unit, radix: 16)
        result += "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8
    }
}

import FoundationEssentials

/// How reports are written as JSON: sorted keys, moments in ISO 8601, words for numbers that JSON does not have.
enum ReportJSON {
    /// Encodes a report.
    ///
    /// - Parameters:
    ///   - report: a report of the core.
    ///   - isIndented: whether for people, too.
    /// - Returns: UTF-8 without a line end.
    /// - Throws: what the encoder throws; nothing for a report of the core.
    static func encode(_ report: some Encodable, isIndented: Bool) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if isIndented { encoder.outputFormatting.insert(.prettyPrinted) }
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "infinity",
            negativeInfinity: "-infinity",
            nan: "not-a-number"
        )
        return [UInt8](try encoder.encode(report))
    }
}

/// What is wrong with a line; says nothing of what stands in it, which may be a person's.
struct LineError: Error, Hashable {
    /// A sentence part.
    let reason: String

    init(_ reason: String) { self.reason = reason }

    static let noObject = LineError("it is not one JSON object")
    static let unknownArm = LineError("its 'arm' is neither 'candidate' nor 'control'")
    static let badUser = LineError("its 'user' is not a text")
    static let badError = LineError("its 'error' is neither true nor false")
    static let badNumber = LineError("its 'ms' or 'score' is not a number")
    static let repeated = LineError("a key stands in it twice")
    static let notUTF8 = LineError("it is not UTF-8")
    static let tooLong = LineError("it is longer than \(ObservationLines.longestLine) bytes")
}

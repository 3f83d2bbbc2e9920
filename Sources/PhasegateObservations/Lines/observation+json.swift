import FoundationEssentials
import PhasegateStatistics

/// Reads one line: `{"arm":"candidate","user":"u1","ms":12.3,"error":false,"score":0.9}`, all but `arm` optional.
///
/// - Parameter bytes: the line without its end.
/// - Returns: what it says.
/// - Throws: what is wrong with it.
func observation(inLine bytes: UnsafeBufferPointer<UInt8>) throws(LineError) -> Observation {
    guard bytes.allSatisfy({ $0 < 0x80 }) || String(validating: bytes, as: UTF8.self) != nil else {
        throw .notUTF8
    }
    do {
        return try LineScanner.observation(in: bytes)
    } catch let error as LineError {
        throw error
    } catch {
        return try parsedObservation(in: bytes)
    }
}

/// Reads a line with escapes, nested values or long numbers.
private func parsedObservation(in bytes: UnsafeBufferPointer<UInt8>) throws(LineError) -> Observation {
    struct Line: Decodable {
        let arm: String
        let user: String?
        let ms: Double?
        let error: Bool?
        let score: Double?
    }
    let line: Line
    do {
        line = try JSONDecoder().decode(Line.self, from: Data(bytes))
    } catch DecodingError.typeMismatch(_, let context) {
        throw error(of: context.codingPath.last?.stringValue)
    } catch DecodingError.keyNotFound {
        throw .unknownArm
    } catch {
        throw .noObject
    }
    guard let arm = Arm(rawValue: line.arm) else { throw .unknownArm }
    return Observation(
        arm: arm,
        user: line.user.flatMap { Observation.User($0) },
        microseconds: line.ms.map { $0 * 1000 },
        isError: line.error ?? false,
        score: line.score
    )
}

private func error(of key: String?) -> LineError {
    switch key {
    case "arm": .unknownArm
    case "user": .badUser
    case "error": .badError
    case "ms", "score": .badNumber
    default: .noObject
    }
}

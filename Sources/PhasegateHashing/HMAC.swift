import Crypto
import FoundationEssentials

/// HMAC of SHA-256 (RFC 2104).
///
/// - Parameters:
///   - message: what is signed.
///   - key: any length; at least 32 bytes for full strength.
/// - Returns: 32 bytes.
public func hmacSHA256(of message: [UInt8], key: [UInt8]) -> [UInt8] {
    var code = HMAC<SHA256>(key: SymmetricKey(data: key))
    code.update(data: message)
    return Array(code.finalize())
}

/// Bytes as Base64 with padding (RFC 4648, section 4).
public func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

/// The bytes behind Base64 (RFC 4648, section 4).
///
/// - Parameter text: with its padding and without line ends.
/// - Returns: the bytes, or nothing.
public func bytes(fromBase64 text: String) -> [UInt8]? { Data(base64Encoded: text).map { Array($0) } }

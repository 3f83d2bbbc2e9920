import CLibPQ
package import PhasegateProbes

/// One result of libpq, freed with its owner.
package struct PostgreSQLResult: ~Copyable {
    private let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { libpq_clear(pointer) }

    var status: Int32 { libpq_resultStatus(pointer) }
    /// How many rows it has.
    package var rowCount: Int32 { libpq_ntuples(pointer) }

    var columns: [String] {
        (0..<libpq_nfields(pointer)).map { libpq_fname(pointer, $0).map { String(cString: $0) } ?? "" }
    }

    /// The values of a row, exactly as the server has them.
    package func values(ofRow row: Int32) -> [SQLValue] {
        (0..<libpq_nfields(pointer)).map { value(row, $0) }
    }

    private func value(_ row: Int32, _ column: Int32) -> SQLValue {
        guard libpq_getisnull(pointer, row, column) == 0, let start = libpq_getvalue(pointer, row, column) else {
            return .null
        }
        let count = Int(libpq_getlength(pointer, row, column))
        let bytes = UnsafeRawBufferPointer(start: start, count: count)
        if libpq_ftype(pointer, column) == PostgreSQLType.bytea { return .blob(decodedHex(bytes)) }
        return .init(postgreSQL: String(decoding: bytes, as: UTF8.self), type: libpq_ftype(pointer, column))
    }

    /// The error it is, sorted by its SQLSTATE.
    func error(at place: String) -> SessionError {
        let state = text(Int32(LIBPQ_SQLSTATE.rawValue)) ?? ""
        // Without the detail, which quotes whole rows.
        let words = text(Int32(LIBPQ_PRIMARY.rawValue)) ?? libpq_resultErrorMessage(pointer).map { String(cString: $0) }
        return SessionError(sortedCode(state), "\(oneLine(words ?? "")) [\(state)] (\(place))")
    }

    private func text(_ field: Int32) -> String? {
        libpq_resultErrorField(pointer, field).map { String(cString: $0) }
    }

    /// The classes of https://www.postgresql.org/docs/15/errcodes-appendix.html.
    private func sortedCode(_ state: String) -> SessionError.Code {
        switch state {
        case "57014", "25P03": .timedOut
        case "55P03", "40P01", "40001": .locked
        case "25006": .readOnly
        case "53100": .full
        case "53300", "57P01", "57P02", "57P03", "3D000": .unreachable
        case "42501": .notPermitted
        case "0A000": .unsupported
        case "XX001", "XX002": .corrupt
        case _ where state.hasPrefix("08") || state.hasPrefix("28"): .unreachable
        case _ where state.hasPrefix("23"): .constraint
        case _ where state.hasPrefix("42") || state.hasPrefix("22") || state.hasPrefix("26"): .badStatement
        default: .failed
        }
    }
}

/// Numbers of the types that are told apart (pg_type.dat of the server).
enum PostgreSQLType {
    static let bool: UInt32 = 16
    static let bytea: UInt32 = 17
    static let int8: UInt32 = 20
    static let int2: UInt32 = 21
    static let int4: UInt32 = 23
    static let oid: UInt32 = 26
    static let float4: UInt32 = 700
    static let float8: UInt32 = 701
    static let numeric: UInt32 = 1700
}

extension SQLValue {
    /// Reads the text form of a value; what has no counterpart stays the text the server writes.
    init(postgreSQL text: String, type: UInt32) {
        switch type {
        case PostgreSQLType.bool: self = .integer(text == "t" ? 1 : 0)
        case PostgreSQLType.int2, PostgreSQLType.int4, PostgreSQLType.int8, PostgreSQLType.oid:
            self = Int64(text).map { .integer($0) } ?? .text(text)
        case PostgreSQLType.float8: self = Double(text).map { .real($0) } ?? .text(text)
        case PostgreSQLType.float4: self = Float(text).map { .real(Double($0)) } ?? .text(text)
        case PostgreSQLType.numeric: self = .decimal(text)
        default: self = .text(text)
        }
    }

    /// The type a parameter is sent with; 0 lets the server decide, as it does for a literal in quotes.
    var postgreSQLType: UInt32 {
        switch self {
        case .null, .text: 0
        case .integer: PostgreSQLType.int8
        case .real: PostgreSQLType.float8
        case .decimal: PostgreSQLType.numeric
        case .blob: PostgreSQLType.bytea
        }
    }
}

/// Parameters in the form libpq takes them, valid as long as this lives.
final class BoundValues {
    let types: [UInt32]
    let pointers: [UnsafePointer<CChar>?]
    let lengths: [Int32]
    let formats: [Int32]

    init(_ values: [SQLValue]) {
        types = values.map(\.postgreSQLType)
        let bytes = values.map(Self.bytes)
        pointers = bytes.map { bytes in
            guard let bytes else { return nil }
            let copy = UnsafeMutableBufferPointer<CChar>.allocate(capacity: bytes.count + 1)
            for (index, byte) in bytes.enumerated() { copy[index] = CChar(bitPattern: byte) }
            copy[bytes.count] = 0
            return UnsafePointer(copy.baseAddress)
        }
        lengths = bytes.map { Int32($0?.count ?? 0) }
        formats = values.map { if case .blob = $0 { 1 } else { 0 } }
    }

    deinit { for pointer in pointers { pointer?.deallocate() } }

    private static func bytes(of value: SQLValue) -> [UInt8]? {
        switch value {
        case .null: nil
        case .integer(let number): Array("\(number)".utf8)
        case .real(let number): Array(text(of: number).utf8)
        case .decimal(let text), .text(let text): Array(text.utf8)
        case .blob(let bytes): bytes
        }
    }

    private static func text(of number: Double) -> String {
        number.isNaN ? "NaN" : number.isInfinite ? (number < 0 ? "-Infinity" : "Infinity") : "\(number)"
    }
}

/// Bytes behind `\x…`.
private func decodedHex(_ text: UnsafeRawBufferPointer) -> [UInt8] {
    func digit(_ byte: UInt8) -> UInt8 { byte <= UInt8(ascii: "9") ? byte & 0x0F : byte & 0x0F + 9 }
    return stride(from: 2, to: text.count - 1, by: 2).map { digit(text[$0]) << 4 | digit(text[$0 + 1]) }
}

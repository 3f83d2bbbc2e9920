public import FoundationEssentials

/// Bytes of a valid SQLite database without tables (https://www.sqlite.org/fileformat.html).
///
/// The engine opens only what is there, as a product that must not invent
/// databases should; so tests bring the first page themselves.
public func emptyDatabaseBytes() -> Data {
    var page = [UInt8](repeating: 0, count: 4096)
    page.replaceSubrange(0..<16, with: Array("SQLite format 3".utf8) + [0])
    page[16] = 0x10  // Page size 4096.
    page[18] = 1  // Rollback journal for writing and reading.
    page[19] = 1
    page[21] = 64
    page[22] = 32
    page[23] = 32
    page[27] = 1  // Change counter.
    page[31] = 1  // Pages.
    page[47] = 4  // Schema format.
    page[59] = 1  // UTF-8.
    page[95] = 1  // Change counter the page count belongs to.
    page[100] = 0x0D  // A leaf of a table without cells.
    page[105] = 0x10
    return Data(page)
}

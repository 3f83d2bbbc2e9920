/// What changes when anything in a flag store does, whoever changes it.
///
/// Only marks of one `FlagStore` can be compared.
public struct FlagStoreMark: Hashable, Sendable {
    /// Counts the files that were opened under the store's path.
    let file: Int
    /// SQLite's `data_version`: counts what other connections have committed.
    ///
    /// See https://sqlite.org/pragma.html#pragma_data_version. Size and time of the files would not do: they change when
    /// a commit is written, and it can be read only once it is on the disk.
    let version: Int
}

/// How large and how deep a file may be before it is refused unread.
enum FileLimits {
    /// Bytes of one file.
    static let bytes = 4 * 1024 * 1024
    /// Levels of lists and maps inside each other.
    static let depth = 64
    /// Levels that the parser is let near: generous, because they are only estimated, and safe for a small stack.
    static let estimatedDepth = 256
    /// Doubled keys that are looked for one after the other; each costs a parse.
    static let doubledKeys = 32
    /// Problems that are reported; more help nobody.
    static let problems = 500
}

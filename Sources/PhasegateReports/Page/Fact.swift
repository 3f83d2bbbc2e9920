/// A label with its value.
struct Fact {
    let label: Shown
    let value: Shown
    /// Whether the value is a name or a digest, set in a fixed-width font.
    let isCode: Bool

    init(_ label: String, _ value: String, isCode: Bool = false) {
        self.label = Shown(label)
        self.value = Shown(value)
        self.isCode = isCode
    }
}

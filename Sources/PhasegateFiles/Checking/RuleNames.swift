/// Which rule a generic mistake breaks at certain keys, where the general name would say less.
struct RuleNames {
    /// By key that is missing; otherwise `missing-key`.
    var missing: [String: String] = [:]
    /// By key whose number is out of range; otherwise `out-of-range`.
    var range: [String: String] = [:]
}

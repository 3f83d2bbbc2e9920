/// Which readers a JUnit file is for: what one wants, another refuses.
public enum JUnitProfile: String, Sendable, CaseIterable {
    /// Valid by `junit-10.xsd` of Jenkins' xunit plug-in, which refuses a whole file for one wrong attribute.
    case xunit
    /// Valid by that and by the schema people wrote down for Ant's tasks, which fixes order and attributes.
    case ant
    /// With place, owner and properties of a case, for readers that show them beside the code; valid by no schema.
    case ci
}

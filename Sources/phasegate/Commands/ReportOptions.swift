public import ArgumentParser
public import PhasegateCore
public import PhasegateReports

/// JUnit XML for a CI server.
struct JUnitOptions: ParsableArguments {
    @Option(help: "Also write JUnit XML to this file.")
    var junit: String?

    @Option(help: "Its dialect: xunit for Jenkins, ant for strict readers, ci for GitLab, CircleCI and annotations.")
    var junitProfile: JUnitProfile = .xunit

    var extra: ExtraReports { ExtraReports(junit: junit.map { ($0, junitProfile) }) }
}

extension JUnitProfile: ExpressibleByArgument {}

extension Audience: ExpressibleByArgument {}

/// How pages for people look.
struct PageOptions: ParsableArguments {
    @Option(help: "How deep pages go, never what they say is so: stakeholder, lead or engineer.")
    var audience: Audience = .engineer

    @Option(help: "A directory of templates that replace the built-in ones of the same name.")
    var templates: String?
}

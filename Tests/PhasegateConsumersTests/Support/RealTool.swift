import Foundation
import PhasegateTesting
import Testing

/// A program of another project that reads what we write or receives what we send.
///
/// `scripts/setup-test-tools.sh` installs them all. A test names what it wants
/// with `.needs`: where that is missing, the test is left out and says so; in
/// CI it runs, and fails with the name of what is missing.
struct RealTool: Sendable {
    /// It is not there.
    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    let name: String
    /// Where it is looked for, in this order.
    let places: [String]

    var isThere: Bool { place != nil }

    /// Where it is.
    var path: String {
        get throws {
            guard let place else {
                throw Missing(description: "\(name) is missing: run scripts/setup.sh test")
            }
            return place
        }
    }

    private var place: String? { places.first { FileManager.default.fileExists(atPath: $0) } }

    static let alertmanager = command("prometheus-alertmanager")
    static let axe = part("axe.min.js")
    static let chromedriver = command("chromedriver")
    static let chromium = command("chromium")
    static let java = command("java")
    static let node = command("node")
    static let nuChecker = part("vnu.jar")
    static let openSSL = command("openssl")
    static let python = RealTool(
        name: "the Python of scripts/test-tools.txt",
        places: [ProjectFiles.root + "/.build/tools/venv/bin/python"]
    )
    static let flagdV1 = venv("flagd-v1")
    static let flagdV2 = venv("flagd-v2")
    static let flagdV3 = venv("flagd-v3")
    static let goFeatureFlag = venv("gofeatureflag")
    static let ofrep = venv("ofrep")
    static let unleash = venv("unleash")
    static let ruby = command("ruby")
    static let activeSupport = RealTool(
        name: "ruby-activesupport",
        places: ["/usr/share/doc/ruby-activesupport/copyright"]
    )
    static let xml2js = RealTool(name: "node-xml2js", places: ["/usr/share/nodejs/xml2js/package.json"])
    static let xmllint = command("xmllint")
    static let schemas = RealTool(
        name: "the folder of schemas, ../shared/schemas",
        places: [ProjectFiles.root + "/../shared/schemas"]
    )

    private static func command(_ name: String) -> RealTool {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
        return RealTool(name: name, places: folders.map { "\($0)/\(name)" })
    }

    /// A Python with one client of a flag system, because versions of the same package do not go together.
    private static func venv(_ name: String) -> RealTool {
        RealTool(
            name: "the Python of scripts/test-tools-\(name).txt",
            places: [ProjectFiles.root + "/.build/tools/\(name)/bin/python"]
        )
    }

    private static func part(_ name: String) -> RealTool {
        RealTool(name: name, places: [ProjectFiles.root + "/.build/tools/" + name])
    }
}

extension Trait where Self == ConditionTrait {
    /// Leaves the test out, visibly, where a program is missing; never in CI.
    static func needs(_ tools: RealTool...) -> Self {
        let missing = tools.filter { !$0.isThere }.map(\.name)
        let isDemanded = ProcessInfo.processInfo.environment["CI"] == "true"
        return .enabled(
            if: isDemanded || missing.isEmpty,
            "left out, \(missing.joined(separator: " and ")) missing: run scripts/setup.sh test"
        )
    }
}

/// Where the project lies.
enum ProjectFiles {
    static let root: String = {
        var url = URL(filePath: #filePath)
        for _ in 0..<4 { url.deleteLastPathComponent() }
        return String(url.path().dropLast())
    }()

    /// A script of this target's `Readers`.
    static func reader(_ name: String) -> String { root + "/Tests/PhasegateConsumersTests/Readers/" + name }
}

extension ChildProgram {
    /// A Python script of `Readers`, run with the packages of `scripts/test-tools.txt` unless another Python is named.
    static func python(
        _ script: String,
        _ arguments: [String] = [],
        with python: RealTool = .python
    ) throws -> ChildProgram {
        ChildProgram(
            try python.path,
            ["-u", "-B", ProjectFiles.reader(script)] + arguments,
            environment: ["PYTHONUTF8": "1", "PYTHONWARNINGS": "ignore"]
        )
    }
}

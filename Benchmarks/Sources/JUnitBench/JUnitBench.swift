import Foundation
import Glibc
import PhasegateCore
import PhasegateReports

/// Renders a report of so many criteria and says what that cost, as one line of JSON.
///
///     junitbench COUNT FILE [PROFILE] [LIMIT]
///
/// The time is that of rendering into a file, without a flush to the disk;
/// making the report is not in it. Memory is the highest the process had
/// meanwhile, less what it had before.
@main
enum JUnitBench {
    struct Cost: Encodable {
        let cases: Int
        let seconds: Double
        /// Size of the file.
        let bytes: Int
        /// What the process held when the report was there, in KB.
        let modelKB: Int
        /// What rendering needed on top at most, in KB.
        let extraKB: Int
    }

    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count >= 3, let count = Int(arguments[1]) else {
            throw Failure(description: "usage: junitbench COUNT FILE [PROFILE] [LIMIT]")
        }
        let name = arguments.count > 3 ? arguments[3] : JUnitProfile.xunit.rawValue
        guard let profile = JUnitProfile(rawValue: name) else {
            throw Failure(description: "there is no profile '\(name)'")
        }
        let format = JUnitReport(profile: profile, limit: arguments.count > 4 ? Int(arguments[4]) : nil)
        let report = RolloutReport.wide(count)
        try Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs"))
        let before = try kilobytes("VmRSS")
        let clock = ContinuousClock()
        let begin = clock.now
        let files = format.render(report)
        let path = arguments[2]
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        guard descriptor >= 0 else { throw Failure(description: "cannot write '\(path)'") }
        var size = 0
        try files[0].write { bytes in
            guard write(descriptor, bytes.baseAddress, bytes.count) == bytes.count else {
                throw Failure(description: "cannot write all of '\(path)'")
            }
            size += bytes.count
        }
        close(descriptor)
        let took = clock.now - begin
        let peak = try kilobytes("VmHWM")
        let cost = Cost(
            cases: count,
            seconds: took.inSeconds,
            bytes: size,
            modelKB: before,
            extraKB: peak - before
        )
        print(String(decoding: try JSONEncoder().encode(cost), as: UTF8.self))
    }

    private static func kilobytes(_ key: String) throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix(key + ":") }
        guard let number = line?.split(whereSeparator: \.isWhitespace).dropFirst().first, let value = Int(number) else {
            throw Failure(description: "the system does not tell \(key)")
        }
        return value
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }
}

import FoundationEssentials
import PhasegateCore
import PhasegateProbes
import Testing

@Suite("probe catalogue")
struct CatalogueTests {
    /// The repository, seen from this file.
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    @Test func namesAreUnique() {
        let names = ProbeKinds.every.all.map { $0.name }
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy { !$0.rawValue.isEmpty })
    }

    @Test(arguments: ProbeKinds.every.all.map { $0.name })
    func everyKindHasASampleAndAPage(kind: ProbeName) throws {
        for path in ["phases/probes/\(kind).yaml", "docs/probes/\(kind).md"] {
            let text = try? String(contentsOfFile: "\(Self.root)/\(path)", encoding: .utf8)
            let content = try #require(text, "\(path) is missing")
            #expect(content.contains(kind.rawValue), "\(path) does not speak of \(kind)")
        }
    }

    @Test func everyKindAndKeyIsDescribed() {
        func check(_ keys: [Shape.Key], of place: String) {
            #expect(Set(keys.map(\.name)).count == keys.count, "\(place) has a key twice")
            for key in keys {
                #expect(key.summary.count > 10, "'\(key.name)' of \(place) has no summary")
                check(Self.inner(key.shape), of: "\(place)/\(key.name)")
            }
        }
        for kind in ProbeKinds.every.all {
            #expect(kind.summary.hasSuffix("."), "\(kind.name)")
            #expect(!kind.settings.contains { $0.name == "kind" }, "\(kind.name) takes a key of the criterion's own")
            check(kind.settings, of: kind.name.rawValue)
        }
    }

    private static func inner(_ shape: Shape) -> [Shape.Key] {
        switch shape {
        case .map(let keys): keys
        case .named(let shape), .list(let shape, _): inner(shape)
        case .either(let first, let second): inner(first) + inner(second)
        default: []
        }
    }
}

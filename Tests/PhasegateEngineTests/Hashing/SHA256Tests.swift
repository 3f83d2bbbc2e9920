import FoundationEssentials
import PhasegateHashing
import PhasegateTesting
import Testing

/// Vectors of FIPS 180-4 (https://csrc.nist.gov/projects/cryptographic-standards-and-guidelines/example-values).
@Suite("SHA-256")
struct SHA256Tests {
    private static let vectors = [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (String(repeating: "a", count: 1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
    ]

    @Test(arguments: vectors.indices)
    func agreesWithTheStandard(number: Int) throws {
        let (text, digest) = Self.vectors[number]
        #expect(sha256(of: text) == digest)
        #expect(sha256(of: Array(text.utf8)) == digest)
        let home = try TemporaryDirectory()
        try Data(text.utf8).write(to: URL(filePath: home.path(of: "file")))
        #expect(try sha256(ofFile: home.path(of: "file")) == digest)
    }

    @Test func filesAreReadToTheEnd() throws {
        let home = try TemporaryDirectory()
        // Over two pieces of 1 MiB, and not a multiple of one.
        let bytes = (0..<2_500_001).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        try Data(bytes).write(to: URL(filePath: home.path(of: "file")))
        #expect(try sha256(ofFile: home.path(of: "file")) == sha256(of: bytes))
    }

    @Test func whatCannotBeReadIsAnError() throws {
        let home = try TemporaryDirectory()
        #expect(throws: FileHashError.self) { try sha256(ofFile: home.path(of: "gone")) }
        #expect(throws: FileHashError.self) { try sha256(ofFile: home.path) }
    }
}

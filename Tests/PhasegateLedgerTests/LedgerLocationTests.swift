import PhasegateCore
import PhasegatePostgreSQLLedger
import Testing

@Suite("ledger on PostgreSQL: its URL")
struct LedgerLocationTests {
    private func read(_ text: String) throws -> PostgreSQLLedgerLocation { try PostgreSQLLedgerLocation(text) }

    private func refusal(_ text: String) -> LedgerError? {
        do throws(LedgerError) {
            _ = try PostgreSQLLedgerLocation(text)
            return nil
        } catch {
            return error
        }
    }

    @Test func saysWhatIsSaid() throws {
        let place = try read(
            "postgresql://ada%40x@db.example:6432/led%20ger?password=env:LEDGER_PASSWORD&lease=10s&connect_timeout=3"
                + "&sslmode=verify-ca&sslrootcert=/ca.crt&sslcert=c.crt&sslkey=c.key"
        )
        #expect(place.address.user == "ada@x")
        #expect(place.address.host == "db.example")
        #expect(place.address.port == 6432)
        #expect(place.address.database == "led ger")
        #expect(place.address.password == .environment("LEDGER_PASSWORD"))
        #expect(place.address.protection == .verifyAuthority)
        #expect(place.address.certificates.authority == "/ca.crt")
        #expect(place.address.connectTimeout == .seconds(3))
        #expect(place.lease == .seconds(10))
        #expect(place.description == "postgresql://ada@x@db.example:6432/led ger")
    }

    @Test(arguments: [
        ("postgresql://db.example/x", ServerAddress.Protection.verifyName), ("postgres://127.0.0.1/x", .off),
        ("postgresql://[::1]:5433/x", .off), ("postgresql:///x", .off), ("postgresql://%2Ftmp%2Fs/x", .off),
        ("postgresql:///x?host=/tmp/s", .off), ("postgresql://?service=ledger", .verifyName),
        ("postgresql://a,b/x", .verifyName), ("POSTGRESQL://db.example/x?sslmode=require", .encrypted),
    ])
    func isProtectedAsTargetsAre(url: String, protection: ServerAddress.Protection) throws {
        #expect(try read(url).address.protection == protection)
        #expect(try read(url).lease == PostgreSQLLedgerLocation.defaultLease)
    }

    @Test func readsSocketsAndBrackets() throws {
        #expect(try read("postgresql://u@%2Ftmp%2Fs:5433/x").address.host == "/tmp/s")
        #expect(try read("postgresql:///x?host=/tmp/s").address.host == "/tmp/s")
        #expect(try read("postgresql://[::1]:5433/x").address.host == "::1")
        #expect(try read("postgresql://[::1]/x").address.port == nil)
        #expect(try read("postgresql://h/x?password=file:/run/p").address.password == .file("/run/p"))
    }

    /// Law 12: a password by value is refused, and no message repeats any part of it.
    @Test(arguments: [
        "postgresql://ada:hunter2@h/x", "postgresql://ada:hun@ter2@h/x", "postgresql://h/x?password=hunter2",
        "postgresql://h/x?password=env:a&hunter2", "postgresql://h/x?passwort=hunter2", "postgresql://h/x?hunter2=1",
        "postgresql://ada@h:hunter2/x", "postgresql://h/x?sslmode=hunter2", "postgresql://h/x?lease=hunter2",
        "postgresql://h/x?password=%68unter2",
    ])
    func neverRepeatsASecret(url: String) throws {
        let error = try #require(refusal(url))
        #expect(error.code == .badAddress)
        #expect(!error.message.contains("hunter2") && !error.message.contains("ter2"), "\(error.message)")
    }

    @Test(arguments: [
        "postgresql://ada:secret@h/x": "?password=env:NAME", "postgresql://h": "names no database",
        "postgresql://h/x?sslmode=disable": "without encryption", "postgresql://h:0/x": "'port' is 1 to 65535",
        "postgresql://h/x?lease=10": "'lease' is a duration", "postgresql://h/x?lease=100ms": "1 s to 1 h",
        "postgresql://h/%zz": "hexadecimal", "postgresql://h/x%00": "hexadecimal", "postgresql://h/x?lease": "no value",
        "postgresql://h/x?leese=1s": "lease",
    ])
    func saysWhatToDo(url: String, remedy: String) throws {
        let error = try #require(refusal(url))
        #expect(error.code == .badAddress)
        #expect(error.message.contains(remedy), "\(error.message)")
    }
}

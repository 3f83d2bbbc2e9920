import PhasegateCore
import Testing

@Suite("Diagnostics")
struct DiagnosticTests {
    @Test(
        "the nearest word is offered when it can have been meant",
        arguments: [
            ("criterai", "criteria"), ("guars", "guards"), ("Guards", "guards"), ("precondition", "preconditions"),
            ("raamp", "ramp"), ("zebra", nil), ("", nil), ("x", nil),
        ] as [(String, String?)]
    )
    func near(word: String, expected: String?) {
        #expect(nearest(to: word, among: ["criteria", "guards", "preconditions", "ramp"]) == expected)
    }

    @Test("the smallest distance wins, and of equals the first")
    func nearestOfSeveral() {
        #expect(nearest(to: "soak", among: ["soap", "soaks", "soak"]) == "soak")
        #expect(nearest(to: "soax", among: ["soap", "soak"]) == "soap")
        #expect(nearest(to: "soak", among: [String]()) == nil)
    }

    @Test("a diagnostic is one line that editors can parse")
    func line() {
        let place = Place(file: "a.yaml", line: 3, column: 7)
        let diagnostic = Diagnostic(
            rule: "unknown-key",
            "'criterai' is no key",
            hint: "did you mean 'criteria'?",
            at: place
        )
        #expect(
            diagnostic.description == "a.yaml:3:7: error: 'criterai' is no key (did you mean 'criteria'?) [unknown-key]"
        )
        #expect(diagnostic.placed(at: Place(file: "b.yaml", line: 1, column: 1)).place == place)
    }

    @Test("several are sorted down the page, those without a place first")
    func sorted() {
        let places = [(2, 1), (1, 9), (1, 2), (10, 1)].map { Place(file: "a.yaml", line: $0.0, column: $0.1) }
        let all = Diagnostics(places.map { Diagnostic(rule: "r", "m", at: $0) } + [Diagnostic(rule: "r", "m")]).all
        #expect(all.map { $0.place?.line } == [nil, 1, 1, 2, 10])
        #expect(all.map { $0.place?.column } == [nil, 2, 9, 1, 1])
    }
}

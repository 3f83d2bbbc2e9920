import PhasegateCore

extension ShapeChecker {
    /// Checks a scalar against a shape that asks for one.
    mutating func checkScalar(
        _ scalar: FileNode.Scalar,
        at place: Place,
        against shape: Shape,
        under key: String
    ) -> CheckedValue? {
        guard let content = content(of: scalar, at: place, against: shape, under: key) else { return nil }
        return CheckedValue(place: place, written: scalar.text, content: content)
    }

    private mutating func content(
        of scalar: FileNode.Scalar,
        at place: Place,
        against shape: Shape,
        under key: String
    ) -> CheckedValue.Content? {
        switch shape {
        case .text:
            return .text(scalar.text)
        case .name:
            guard isName(scalar.text) else {
                reportName(scalar.text, at: place)
                return nil
            }
            return .text(scalar.text)
        case .whole(let range):
            guard let number = scalar.whole else { return wrong(scalar, shape, at: place, under: key) }
            guard range.contains(number) else { return outOfRange(scalar, shape, at: place, under: key) }
            return .whole(number)
        case .number(let range):
            guard let number = scalar.number else { return wrong(scalar, shape, at: place, under: key) }
            guard range.contains(number) else { return outOfRange(scalar, shape, at: place, under: key) }
            return scalar.whole.map { .whole($0) } ?? .number(number)
        case .truth:
            return scalar.truth.map { .truth($0) } ?? wrong(scalar, shape, at: place, under: key)
        case .duration:
            return duration(scalar, at: place, under: key)
        case .quantity:
            return quantity(scalar, at: place, under: key)
        case .bound:
            return bound(scalar, at: place, under: key)
        case .moment:
            guard let moment = Moment(scalar.text) else {
                problems.report(
                    "bad-moment",
                    "\(quoted(key)) is no moment: \(quoted(scalar.text))",
                    hint: "write a date as '2026-11-21', or a time in UTC as '2026-11-21T07:30:00Z'",
                    at: place
                )
                return nil
            }
            return .moment(moment)
        case .timeOfDay:
            return timeOfDay(scalar, at: place, under: key)
        case .utcOffset:
            return utcOffset(scalar, at: place, under: key)
        case .oneOf(let words):
            guard words.contains(scalar.text) else {
                problems.report(
                    "unknown-word",
                    "\(quoted(key)) cannot be \(quoted(scalar.text))",
                    hint: nearest(to: scalar.text, among: words).map { "did you mean '\($0)'?" }
                        ?? "the words are \(words.joined(separator: ", "))",
                    at: place
                )
                return nil
            }
            return .text(scalar.text)
        case .scalar:
            if let truth = scalar.truth { return .truth(truth) }
            if let whole = scalar.whole { return .whole(whole) }
            if let number = scalar.number { return .number(number) }
            return .text(scalar.text)
        case .list, .map, .named, .either, .probe, .channel, .sink, .source:
            return wrong(scalar, shape, at: place, under: key)
        }
    }

    /// Whether a text has the alphabet of names.
    func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, first.isLetterOrDigit, text.utf8.count <= 100 else { return false }
        return text.utf8.allSatisfy { $0.isLetterOrDigit || "._-".utf8.contains($0) }
    }

    /// Reports a text that is no name.
    mutating func reportName(_ text: String, at place: Place) {
        problems.report(
            "bad-name",
            text.isEmpty ? "a name is empty" : "\(quoted(text)) is no name",
            hint:
                "a name has letters, digits, '.', '_' and '-', begins with a letter or digit, and has at most 100 of them",
            at: place
        )
    }

    private mutating func wrong(
        _ scalar: FileNode.Scalar,
        _ shape: Shape,
        at place: Place,
        under key: String
    ) -> CheckedValue.Content? {
        let hint = scalar.isPlain ? remedy(for: scalar.text, shape) : "take the quotes away"
        reportType(of: FileNode(place: place, content: .scalar(scalar)), shape, under: key, hint: hint)
        return nil
    }

    private func remedy(for text: String, _ shape: Shape) -> String? {
        if case .truth = shape {
            switch text.lowercased() {
            case "yes", "on", "true": return "did you mean 'true'?"
            case "no", "off", "false": return "did you mean 'false'?"
            default: return nil
            }
        }
        guard let unit = Quantity(text)?.unit, unit != .none else { return nil }
        return "write the number without its unit"
    }

    private mutating func outOfRange(
        _ scalar: FileNode.Scalar,
        _ shape: Shape,
        at place: Place,
        under key: String
    ) -> CheckedValue.Content? {
        problems.report(
            rules.range[key] ?? "out-of-range",
            "\(quoted(key)) must be \(shape.sentence), not \(quoted(scalar.text))",
            at: place
        )
        return nil
    }

    private mutating func duration(
        _ scalar: FileNode.Scalar,
        at place: Place,
        under key: String
    ) -> CheckedValue.Content? {
        if let duration = Duration(text: scalar.text) { return .duration(duration) }
        if FileNode.Scalar(text: scalar.text, isPlain: true).number != nil {
            problems.report(
                "missing-unit",
                "\(quoted(key)) has no unit: \(quoted(scalar.text))",
                hint: "did you mean '\(printableNumber(scalar.text)) s'?",
                at: place
            )
        } else {
            problems.report(
                "bad-duration",
                "\(quoted(key)) is no duration: \(quoted(scalar.text))",
                hint: "write a number and one of ms s min h d w, as '90 s' or '1.5 h'",
                at: place
            )
        }
        return nil
    }

    private mutating func quantity(
        _ scalar: FileNode.Scalar,
        at place: Place,
        under key: String
    ) -> CheckedValue.Content? {
        guard let quantity = Quantity(scalar.text) else {
            problems.report(
                "bad-quantity",
                "\(quoted(key)) is no number with a unit: \(quoted(scalar.text))",
                hint: "units are \(Unit.allCases.dropFirst().map(\.rawValue).joined(separator: " "))",
                at: place
            )
            return nil
        }
        guard quantity.unit != .none else {
            problems.report(
                "missing-unit",
                "\(quoted(key)) has no unit: \(quoted(scalar.text))",
                hint: "did you mean '\(printableNumber(scalar.text)) ms'?",
                at: place
            )
            return nil
        }
        return .quantity(quantity)
    }

    private mutating func bound(
        _ scalar: FileNode.Scalar,
        at place: Place,
        under key: String
    ) -> CheckedValue.Content? {
        do {
            return .bound(try Bound(scalar.text))
        } catch {
            problems.report("bad-bound", "\(quoted(key)) \(error.problem)", hint: error.hint, at: place)
            return nil
        }
    }

    private func printableNumber(_ text: String) -> String { String(text.trimmingBlanks().prefix(20)) }
}

extension UInt8 {
    fileprivate var isLetterOrDigit: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }
}

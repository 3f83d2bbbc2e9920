import PhasegateCore

/// A number rounded to a whole one, with its thousands told apart.
func wholeNumber(_ number: Double) -> String {
    guard number.magnitude < 1e15 else { return "\(number)" }
    let digits = String(Int(number.rounded()).magnitude)
    var grouped = ""
    for (place, digit) in digits.enumerated() {
        if place > 0, (digits.count - place) % 3 == 0 { grouped.append(",") }
        grouped.append(digit)
    }
    return (number.rounded() < 0 ? "-" : "") + grouped
}

/// A chance to a tenth of a percent; what is nearly never or nearly always is not said to be so.
func percentage(_ chance: Double) -> String {
    if chance > 0, chance < 0.0005 { return "< 0.1 %" }
    if chance < 1, chance >= 0.9995 { return "> 99.9 %" }
    return "\(shortDecimal((1000 * chance).rounded() / 10)) %"
}

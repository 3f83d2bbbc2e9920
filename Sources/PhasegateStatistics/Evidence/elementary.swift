// Logarithm, exponential and log-gamma from nothing but the four operations of
// IEEE 754. A verdict is replayed from the ledger on other machines and has to
// come out bit-equal there; the C library promises that of none of these
// functions, and picks among variants by the processor it finds.

private let ln2High = 0x1.62E42FEE00000p-1
private let ln2Low = 0x1.A39EF35793C76p-33

/// The natural logarithm; negative infinity at 0, NaN below.
func logarithm(_ number: Double) -> Double {
    guard number > 0, number < .infinity else {
        return number == 0 ? -.infinity : number == .infinity ? number : .nan
    }
    var bits = number.bitPattern
    var exponent = 0
    if bits < 0x0010_0000_0000_0000 {
        // Too small to be normal: 2^54 times as much is not.
        bits = (number * 0x1p54).bitPattern
        exponent = -54
    }
    exponent += Int(bits >> 52) - 1023
    var significand = Double(bitPattern: bits & 0x000F_FFFF_FFFF_FFFF | 0x3FF0_0000_0000_0000)
    if significand > 1.4142135623730951 {
        significand *= 0.5
        exponent += 1
    }
    // ln m = 2 artanh((m - 1) / (m + 1)), at most 0.172 in the bracket.
    let ratio = (significand - 1) / (significand + 1)
    let square = ratio * ratio
    var series = 1.0 / 23
    series = series * square + 1.0 / 21
    series = series * square + 1.0 / 19
    series = series * square + 1.0 / 17
    series = series * square + 1.0 / 15
    series = series * square + 1.0 / 13
    series = series * square + 1.0 / 11
    series = series * square + 1.0 / 9
    series = series * square + 1.0 / 7
    series = series * square + 1.0 / 5
    series = series * square + 1.0 / 3
    let logarithm = 2 * ratio + 2 * ratio * (series * square)
    return Double(exponent) * ln2High + (Double(exponent) * ln2Low + logarithm)
}

/// ln(1 + number), exact to the last digits also for small numbers.
func logarithmOfOnePlus(_ number: Double) -> Double {
    let sum = 1 + number
    // What was lost in the sum is lost in sum - 1 as well (Kahan).
    return sum == 1 ? number : logarithm(sum) * (number / (sum - 1))
}

/// e to the power of a number; 0 below -708 and infinity above 709, where the result is no normal number.
func exponential(_ power: Double) -> Double {
    guard power > -708 else { return power.isNaN ? power : 0 }
    guard power < 709 else { return .infinity }
    // Adding and taking away 1.5 * 2^52 rounds to a whole number.
    let shift = 0x1.8p52
    let twos = (power * 1.4426950408889634 + shift) - shift
    let rest = (power - twos * ln2High) - twos * ln2Low
    var series = 1.0 / 6_227_020_800
    series = series * rest + 1.0 / 479_001_600
    series = series * rest + 1.0 / 39_916_800
    series = series * rest + 1.0 / 3_628_800
    series = series * rest + 1.0 / 362_880
    series = series * rest + 1.0 / 40_320
    series = series * rest + 1.0 / 5040
    series = series * rest + 1.0 / 720
    series = series * rest + 1.0 / 120
    series = series * rest + 1.0 / 24
    series = series * rest + 1.0 / 6
    series = series * rest + 0.5
    let value = 1 + (rest + rest * rest * series)
    return value * Double(bitPattern: UInt64(Int(twos) + 1023) << 52)
}

/// The logarithm of the gamma function of a positive number.
///
/// Stirling's series from 10 upwards, where its first seven terms are exact to
/// the last digits; smaller numbers are brought there by ln G(x) = ln G(x+1) - ln x.
func logarithmOfGamma(_ number: Double) -> Double {
    guard number > 0 else { return .nan }
    var argument = number
    var product = 1.0
    while argument < 10 {
        product *= argument
        argument += 1
    }
    let inverse = 1 / argument
    let square = inverse * inverse
    var series = 1.0 / 156
    series = series * square - 691.0 / 360_360
    series = series * square + 1.0 / 1188
    series = series * square - 1.0 / 1680
    series = series * square + 1.0 / 1260
    series = series * square - 1.0 / 360
    series = series * square + 1.0 / 12
    let halfOfLogarithmOfTwoPi = 0.9189385332046727
    return (argument - 0.5) * logarithm(argument) - argument + halfOfLogarithmOfTwoPi + series * inverse
        - logarithm(product)
}

/// ln(e^first + e^second) without overflow; either may be negative infinity.
func logarithmOfSum(_ first: Double, _ second: Double) -> Double {
    let larger = max(first, second)
    guard larger > -.infinity else { return larger }
    return larger + logarithmOfOnePlus(exponential(min(first, second) - larger))
}

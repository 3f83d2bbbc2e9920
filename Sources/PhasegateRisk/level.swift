public import PhasegateCore

/// The level a risk counts with: the strictest of what is declared, what the grid says, and what the stated
/// probability says where it lies outside the band of its word.
///
/// - Parameters:
///   - risk: the risk.
///   - register: its register, for the grid.
/// - Returns: a level of the grid or the declared one; the highest where a word is not on the scale, and `unknown` where
///   there is no scale at all.
public func level(of risk: Risk, in register: RiskRegister) -> String {
    Voices(of: risk.declared, on: register.grid).strictest
}

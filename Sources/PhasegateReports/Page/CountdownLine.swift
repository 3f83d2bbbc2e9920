import PhasegateCore

/// Something that runs out, or that waits for people.
struct CountdownLine {
    let kind: Shown
    let label: Shown
    let left: Shown
    let deadline: [Time]

    init(_ countdown: RolloutReport.Countdown) {
        kind =
            switch countdown.kind {
            case .soak: "soak left"
            case .timeout: "time left for the gate"
            case .approvals: "approvals"
            case .attestation: "statement due"
            case .condition: "condition due"
            case .waiver: "waiver ends in"
            case .acknowledgement: "answer due in"
            }
        label = Shown(countdown.label)
        left = Shown(countdown.left)
        deadline = countdown.deadline.times
    }
}

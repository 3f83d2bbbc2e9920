import PhasegateCore
import PhasegateTesting

/// How a criterion's evidence was made, known without asking the code under test.
enum Kind: CaseIterable {
    case passes
    case warns
    case fails
    case unknown
}

/// A gate with evidence drawn at random, and what is known of it by the way it was drawn.
struct RandomGate {
    struct Drawn {
        let criterion: Criterion
        let kind: Kind
        let isWaived: Bool
        let isConfirmed: Bool
    }

    var trial: Trial
    let drawn: [Drawn]
    let hasApprovals: Bool

    init(_ random: inout RandomNumbers) throws {
        let count = Int.random(in: 0...5, using: &random)
        var trial = Trial([])
        var drawn: [Drawn] = []
        // Most criteria pass, or hardly any gate would come near to opening.
        for index in 0..<count {
            let kind = random.chance(60) ? .passes : random.pick(Kind.warns, .fails, .unknown)
            let confirm = random.pick(1, 1, 3)
            let streak = Int.random(in: 0...3, using: &random)
            let needsBaseline = random.chance(30)
            let criterion = try makeCriterion(
                CriterionName(rawValue: "c\(index)"),
                random.pick(.precondition, .guarding, .success, .kill),
                strength: random.pick(.must, .must, .should),
                demand: needsBaseline ? "<= 1 x baseline" : random.chance(50) ? "<= 100 ms" : nil,
                fail: "> 100 ms",
                warn: "> 50 ms",
                confirm: confirm,
                minimumSamples: random.pick(0, 10)
            )
            let isWaived = random.chance(15)
            trial.criteria.append(criterion)
            trial.streaks[criterion.name] = streak
            if needsBaseline { trial.baselines[criterion.name] = Measurement(Quantity(100, .milliseconds)) }
            if isWaived { trial.waive(criterion.name) }
            if random.chance(10) { trial.waive(criterion.name, plan: "plan-0") }
            Self.read(criterion, kind, into: &trial, &random)
            drawn.append(
                Drawn(
                    criterion: criterion,
                    kind: kind,
                    isWaived: isWaived && criterion.role != .kill,
                    isConfirmed: streak + 1 >= confirm
                )
            )
        }
        trial.demandedApprovals = random.pick(0, 0, 0, 1, 2)
        let given = Int.random(in: 0...2, using: &random)
        for person in 0..<given { trial.approve("person \(person)") }
        hasApprovals = given >= trial.demandedApprovals
        self.trial = trial
        self.drawn = drawn
    }

    private static func read(
        _ criterion: Criterion,
        _ kind: Kind,
        into trial: inout Trial,
        _ random: inout RandomNumbers
    ) {
        let samples = criterion.minimumSamples
        let name = criterion.name
        switch kind {
        case .passes:
            trial.read(name, Quantity(Int64.random(in: 0...50, using: &random), .milliseconds), samples: samples)
        case .warns:
            trial.read(name, Quantity(Int64.random(in: 51...100, using: &random), .milliseconds), samples: samples)
        case .fails:
            trial.read(name, Quantity(Int64.random(in: 101...900, using: &random), .milliseconds), samples: samples)
        case .unknown:
            let good = Reading.Outcome.measured(Measurement(Quantity(1, .milliseconds), samples: samples))
            switch Int.random(in: 0..<6, using: &random) {
            case 0: break
            case 1: trial.read(name, good, valid: .milliseconds(-1))
            case 2: trial.read(name, good, observed: .milliseconds(1))
            case 3: trial.read(name, Quantity(1, .rows), samples: samples)
            case 4: trial.read(name, .measured(Measurement(parts: [], samples: samples)))
            default:
                let why = Reading.Unavailability.allCases.randomElement(using: &random) ?? .failed
                trial.read(name, .unavailable(why, "drawn"))
            }
        }
    }
}

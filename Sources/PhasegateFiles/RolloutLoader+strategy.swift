public import PhasegateCore

extension RolloutLoader {
    /// Loads a decision between ways to go.
    ///
    /// - Parameter path: the file, as the user gave it.
    /// - Returns: the decision.
    /// - Throws: `Diagnostics` with every problem when there is an error among them.
    public func loadStrategy(_ path: String) throws(Diagnostics) -> StrategyQuestion {
        var problems = ProblemList()
        var question: StrategyQuestion?
        if let text = read(path, problems: &problems),
            let root = tree(of: text, named: path, problems: &problems),
            isVersionKnown(root, problems: &problems),
            let file = check(root, against: RolloutGrammar.strategy, named: path, problems: &problems)
        {
            var builder = RolloutBuilder()
            question = builder.strategy(file)
            problems.add(builder.problems.all)
        }
        guard let question, !problems.hasErrors else { throw Diagnostics(problems.all) }
        return question
    }
}

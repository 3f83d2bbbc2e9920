import PhasegateCore

/// A grid with its levels as numbers, so that neighbours can be compared.
struct RankedGrid {
    /// A cell.
    struct Cell {
        /// Position of its level, 0 for the lowest.
        let rank: Int
        /// The cell for people, as `LOW (High, Low)`.
        let description: String
    }

    /// Position of the highest level.
    let highestRank: Int
    private let cells: [[Cell?]]

    /// Ranks a grid; cells whose level is not on the scale are left out, the loader has reported them.
    init(_ grid: RiskGrid) {
        highestRank = grid.levels.count - 1
        cells = grid.likelihoods.indices.map { row in
            grid.impacts.indices.map { column in
                guard grid.cells.indices.contains(row), grid.cells[row].indices.contains(column),
                    let rank = grid.levels.firstIndex(of: grid.cells[row][column])
                else { return nil }
                let level = grid.cells[row][column]
                return Cell(
                    rank: rank,
                    description: "\(level) (\(grid.likelihoods[row].word), \(grid.impacts[column]))"
                )
            }
        }
    }

    /// Cells that share an edge; the second is one step likelier or severer than the first.
    var neighbours: [(Cell, Cell)] {
        var pairs: [(Cell, Cell)] = []
        for row in cells.indices {
            for column in cells[row].indices {
                guard let cell = cells[row][column] else { continue }
                if column + 1 < cells[row].count, let right = cells[row][column + 1] { pairs.append((cell, right)) }
                if row + 1 < cells.count, column < cells[row + 1].count, let below = cells[row + 1][column] {
                    pairs.append((cell, below))
                }
            }
        }
        return pairs
    }
}

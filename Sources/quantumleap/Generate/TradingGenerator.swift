import GRDB
import PhasegateCore
import PhasegateStatistics

/// Invents a trading history; the same seed invents the same one.
struct TradingGenerator {
    private let users: Int
    private let trades: Int
    private var generator: SeededGenerator
    private var prices: [Int]
    private var positions: [Position]

    private struct Position {
        var quantity = 0
        var bought = 0
        var cents = 0
    }

    private static let strategies = ["arbitrage", "market-making", "mean-reversion", "momentum"]
    /// The history begins here and ends 150 days later, before the application's own trades.
    private static let begin: Int64 = 1_704_182_400_000
    private static let span: Int64 = 150 * 86_400_000

    /// - Precondition: at least one user.
    init(users: Int, trades: Int, seed: UInt64) {
        self.users = users
        self.trades = trades
        generator = SeededGenerator(seed: seed)
        prices = []
        positions = Array(repeating: Position(), count: users * TradingDatabase.symbols.count)
        prices = TradingDatabase.symbols.map { _ in 1000 + generator.below(60_000) }
    }

    /// Fills the tables inside the caller's transaction.
    mutating func fill(_ db: Database) throws {
        try fillUsers(db)
        try fillTrades(db)
        try fillPortfolio(db)
        try fillOrders(db)
        try fillSignals(db)
    }

    private func fillUsers(_ db: Database) throws {
        let insert = try db.makeStatement(sql: "INSERT INTO users (id, name, created_at) VALUES (?, ?, ?)")
        let joined = Moment(milliseconds: Self.begin).forPeople
        for user in 0..<users {
            try insert.execute(arguments: [Self.name(ofUser: user), "Trader \(user + 1)", joined])
        }
    }

    private mutating func fillTrades(_ db: Database) throws {
        let insert = try db.makeStatement(
            sql: """
                INSERT INTO trades (user_id, symbol, quantity, price, side, timestamp, strategy_id, execution_time_ms)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """
        )
        for trade in 0..<trades {
            let user = generator.below(users)
            let symbol = generator.below(TradingDatabase.symbols.count)
            let price = walk(symbol)
            let quantity = 1 + generator.below(200)
            let position = user * TradingDatabase.symbols.count + symbol
            // Nobody sells what he does not have, so that no position is negative.
            let sells = positions[position].quantity >= quantity && generator.below(2) == 0
            positions[position].quantity += sells ? -quantity : quantity
            if !sells {
                positions[position].bought += quantity
                positions[position].cents += quantity * price
            }
            let strategy: String? =
                generator.below(5) == 0 ? nil : Self.strategies[generator.below(Self.strategies.count)]
            try insert.execute(
                arguments: [
                    Self.name(ofUser: user), TradingDatabase.symbols[symbol], Double(quantity), Double(price) / 100,
                    sells ? "sell" : "buy", time(of: trade, among: trades), strategy, 1 + generator.below(40),
                ]
            )
        }
    }

    private func fillPortfolio(_ db: Database) throws {
        let insert = try db.makeStatement(
            sql: """
                INSERT INTO portfolio (user_id, symbol, quantity, average_cost, last_updated) VALUES (?, ?, ?, ?, ?)
                """
        )
        let end = Moment(milliseconds: Self.begin + Self.span).forPeople
        for (index, position) in positions.enumerated() where position.bought > 0 {
            let (user, symbol) = index.quotientAndRemainder(dividingBy: TradingDatabase.symbols.count)
            try insert.execute(
                arguments: [
                    Self.name(ofUser: user), TradingDatabase.symbols[symbol], Double(position.quantity),
                    Double(position.cents / position.bought) / 100, end,
                ]
            )
        }
    }

    private mutating func fillOrders(_ db: Database) throws {
        let insert = try db.makeStatement(
            sql: """
                INSERT INTO orders (user_id, symbol, side, quantity, price, status, created_at)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """
        )
        let count = trades / 10
        for order in 0..<count {
            let symbol = generator.below(TradingDatabase.symbols.count)
            let lot = generator.below(1000)
            try insert.execute(
                arguments: [
                    Self.name(ofUser: generator.below(users)), TradingDatabase.symbols[symbol],
                    generator.below(2) == 0 ? "buy" : "sell", Double(1 + generator.below(200)),
                    Double(prices[symbol]) / 100, lot < 15 ? "open" : lot < 65 ? "cancelled" : "filled",
                    time(of: order, among: count),
                ]
            )
        }
    }

    private mutating func fillSignals(_ db: Database) throws {
        let insert = try db.makeStatement(
            sql: """
                INSERT INTO signals (symbol, direction, confidence_score, timestamp, strategy_id)
                VALUES (?, ?, ?, ?, ?)
                """
        )
        let count = trades / 10
        for signal in 0..<count {
            try insert.execute(
                arguments: [
                    TradingDatabase.symbols[generator.below(TradingDatabase.symbols.count)],
                    generator.below(2) == 0 ? "long" : "short", Double(generator.below(10_001)) / 10_000,
                    time(of: signal, among: count), Self.strategies[generator.below(Self.strategies.count)],
                ]
            )
        }
    }

    /// Moves a price by at most half a percent, never below a dollar.
    private mutating func walk(_ symbol: Int) -> Int {
        let step = max(1, prices[symbol] / 200)
        prices[symbol] = max(100, prices[symbol] + generator.below(2 * step + 1) - step)
        return prices[symbol]
    }

    /// Times grow with the identifiers, as they do in a table that is only appended to.
    private func time(of index: Int, among count: Int) -> String {
        Moment(milliseconds: Self.begin + Self.span / Int64(count) * Int64(index)).forPeople
    }

    private static func name(ofUser user: Int) -> String {
        let digits = String(user + 1)
        return "user-" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}

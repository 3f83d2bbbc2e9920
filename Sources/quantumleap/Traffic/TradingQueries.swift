import GRDB

/// The statements of the application.
enum TradingQueries {
    /// The last trades of a symbol as the application always read them: from
    /// the newest five thousand, because without an index nothing else is fast.
    static let recentTradesOld = """
        SELECT id, price, quantity, timestamp FROM (SELECT * FROM trades ORDER BY id DESC LIMIT 5000) \
        WHERE symbol = ? ORDER BY timestamp DESC, id DESC LIMIT 20
        """

    /// The last trades of a symbol; fast only with an index on symbol and timestamp.
    static let recentTradesNew = """
        SELECT id, price, quantity, timestamp FROM trades WHERE symbol = ? ORDER BY timestamp DESC, id DESC LIMIT 20
        """

    private static let portfolio = "SELECT symbol, quantity, average_cost FROM portfolio WHERE user_id = ?"

    private static let insertTrade = """
        INSERT INTO trades (user_id, symbol, quantity, price, side, strategy_id, execution_time_ms)
        VALUES (?, ?, ?, ?, 'buy', 'manual', ?)
        """

    private static let moveBuyIntoPortfolio = """
        INSERT INTO portfolio (user_id, symbol, quantity, average_cost) VALUES (?, ?, ?, ?)
        ON CONFLICT (user_id, symbol) DO UPDATE SET
            average_cost = CASE WHEN quantity + excluded.quantity > 0
                THEN (quantity * average_cost + excluded.quantity * excluded.average_cost)
                    / (quantity + excluded.quantity)
                ELSE excluded.average_cost END,
            quantity = quantity + excluded.quantity,
            last_updated = CURRENT_TIMESTAMP
        """

    /// What the read path shows a user.
    static func read(_ db: Database, user: String, symbol: String, isNew: Bool) throws {
        let trades = try db.cachedStatement(sql: isNew ? recentTradesNew : recentTradesOld)
        _ = try Row.fetchAll(trades, arguments: [symbol])
        _ = try Row.fetchAll(try db.cachedStatement(sql: portfolio), arguments: [user])
    }

    /// A purchase, with the position it changes, inside the caller's transaction.
    static func buy(_ db: Database, user: String, symbol: String, quantity: Int, cents: Int) throws {
        let price = Double(cents) / 100
        try db.cachedStatement(sql: insertTrade)
            .execute(arguments: [user, symbol, Double(quantity), price, 1 + quantity % 40])
        try db.cachedStatement(sql: moveBuyIntoPortfolio).execute(arguments: [user, symbol, Double(quantity), price])
    }
}

-- description: analytics: how each strategy did on trades that are closed

CREATE VIEW strategy_performance AS
SELECT
    strategies.id AS strategy_id,
    strategies.name AS strategy,
    COUNT(*) AS closed_trades,
    SUM(trades.outcome = 'win') AS wins,
    SUM(trades.outcome = 'loss') AS losses,
    ROUND(100 * SUM(trades.outcome = 'win') / COUNT(*), 2) AS win_rate,
    SUM(trades.profit) AS net_profit,
    AVG(trades.profit) AS expectancy
FROM trades
JOIN strategies ON strategies.id = trades.strategy_id
WHERE trades.outcome <> 'open'
GROUP BY strategies.id, strategies.name;

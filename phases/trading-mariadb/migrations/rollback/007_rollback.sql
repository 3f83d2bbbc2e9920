DROP VIEW strategy_performance;

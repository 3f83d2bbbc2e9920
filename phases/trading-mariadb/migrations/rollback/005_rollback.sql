DROP TABLE user_risk_cache;

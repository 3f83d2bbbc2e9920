ALTER TABLE trades DROP INDEX idx_outcome_user_exposure, ALGORITHM=INPLACE, LOCK=NONE;

ALTER TABLE trades DROP INDEX idx_user_outcome_exposure, ALGORITHM=INPLACE, LOCK=NONE;

-- Lists count what matches in one index that has all that they filter by, and
-- walk along another that is in their order. Company and status stand behind
-- each order, so that what is closed or another's is passed over in the index.
DROP INDEX deals_opened;
DROP INDEX deals_status;
DROP INDEX deals_stage;
DROP INDEX deals_owner;
DROP INDEX deals_updated;
DROP INDEX deals_entered;
DROP INDEX deals_amount;
DROP INDEX deals_wake;
DROP INDEX deals_every;
DROP INDEX deals_stalled;
DROP INDEX deals_standing;
CREATE INDEX deals_filter ON deals (company, process, stage, status, owner, stalled_since, source);
CREATE INDEX deals_version ON deals (company, version, status, stage);
CREATE INDEX deals_of_words ON deals (n, company, process, stage, status, owner, stalled_since, source, opened_at, closed_at);
CREATE INDEX deals_owner ON deals (company, owner, status, process, stage, stalled_since);
CREATE INDEX deals_stalled ON deals (company, process, stage, status, owner) WHERE stalled_since <> 0;
CREATE INDEX deals_standing ON deals (company, process, stage, status, stalled_since, amount, owner, source, opened_at) WHERE closed_at = 0;
CREATE INDEX deals_by_opened_at ON deals (opened_at, id, company, status);
CREATE INDEX deals_by_updated_at ON deals (updated_at, id, company, status);
CREATE INDEX deals_by_stage_entered_at ON deals (stage_entered_at, id, company, status);
CREATE INDEX deals_by_next_wake ON deals (next_wake, id, company, status);
CREATE INDEX deals_by_amount ON deals (amount, id, company, status);

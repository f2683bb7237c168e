-- Whether an open deal waits for a person: it is stalled, a task of it is
-- overdue, or the client's address is bad.
ALTER TABLE deals ADD COLUMN waits BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX deals_waiting ON deals (company, amount, id, owner) WHERE waits;

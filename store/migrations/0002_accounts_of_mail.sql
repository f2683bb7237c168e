-- Who must not be written to, and what came back from them.
CREATE TABLE suppressions (
  company      TEXT NOT NULL,
  address      TEXT NOT NULL, -- lower case
  reason       TEXT NOT NULL, -- unsubscribe or bounce; empty: letters only came back for a time
  detail       TEXT NOT NULL,
  deal_id      TEXT NOT NULL,
  at           BIGINT NOT NULL, -- deal time
  soft_bounces BIGINT NOT NULL,
  PRIMARY KEY (company, address)
);

-- How many letters an address got lately.
CREATE INDEX outbox_recipient ON outbox (account, recipient, sent_at) WHERE kind = 'letter' AND sent_at <> 0;

-- The message that a file came with; empty: a person added it.
ALTER TABLE files ADD COLUMN ledger_id TEXT NOT NULL DEFAULT '';
CREATE INDEX files_deal ON files (deal_id, key);

-- What the last comparison of a mailbox with the ledger found.
ALTER TABLE mailboxes ADD COLUMN checked_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE mailboxes ADD COLUMN unaccounted BIGINT NOT NULL DEFAULT 0;

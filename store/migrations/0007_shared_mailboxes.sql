-- By what it was last noticed that another server reads the mailbox too, and
-- when, in wall time.
ALTER TABLE mailboxes ADD COLUMN shared TEXT NOT NULL DEFAULT '';
ALTER TABLE mailboxes ADD COLUMN shared_at BIGINT NOT NULL DEFAULT 0;

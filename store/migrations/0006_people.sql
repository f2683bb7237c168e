-- One open task of a deal that is not over: what a person has before them.
CREATE TABLE open_tasks (
  n        BIGSERIAL PRIMARY KEY,
  deal_n   BIGINT NOT NULL REFERENCES deals (n),
  company  TEXT NOT NULL,
  assignee TEXT NOT NULL,
  due_at   BIGINT NOT NULL,
  overdue  BOOLEAN NOT NULL
);
CREATE INDEX open_tasks_deal ON open_tasks (deal_n);
CREATE INDEX open_tasks_person ON open_tasks (company, assignee, overdue);

-- What each person has open, and what sources there are, without reading deals.
CREATE INDEX deals_load ON deals (company, owner, currency, stalled_since, amount) WHERE status = 'open';
CREATE INDEX deals_source ON deals (company, process, source);

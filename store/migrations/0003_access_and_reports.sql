-- What a change may be bound to: the deal's revision that its sender saw (0:
-- any), and the request that an Idempotency-Key belongs to.
ALTER TABLE inputs ADD COLUMN revision BIGINT NOT NULL DEFAULT 0;
ALTER TABLE inputs ADD COLUMN request TEXT NOT NULL DEFAULT '';

-- Reports read these and never a timeline: they are written together with the
-- events that they sum up.
ALTER TABLE deals ADD COLUMN touched_at BIGINT NOT NULL DEFAULT 0; -- when a person first got in touch with the client
ALTER TABLE deals ADD COLUMN decided_at BIGINT NOT NULL DEFAULT 0; -- when it was won or lost
CREATE INDEX deals_decided ON deals (company, process, status, decided_at, opened_at, amount) WHERE decided_at <> 0;
CREATE INDEX deals_standing ON deals (company, process, stage, status, stalled_since, amount) WHERE closed_at = 0;
CREATE INDEX deals_touched ON deals (company, process, opened_at, touched_at);

-- One visit of a deal to a stage. went: empty while it is there, else the next
-- stage, =lost, =won, =ended, or =skipped for a stage that was passed over.
CREATE TABLE visits (
  n          BIGSERIAL PRIMARY KEY,
  deal_n     BIGINT NOT NULL REFERENCES deals (n),
  company    TEXT NOT NULL,
  process    TEXT NOT NULL,
  stage      TEXT NOT NULL,
  entered_at BIGINT NOT NULL,
  left_at    BIGINT NOT NULL,
  went       TEXT NOT NULL
);
CREATE INDEX visits_deal ON visits (deal_n, n);
CREATE INDEX visits_report ON visits (company, process, stage, went, entered_at, left_at, n);

-- One finished task.
CREATE TABLE work (
  n       BIGSERIAL PRIMARY KEY,
  deal_n  BIGINT NOT NULL REFERENCES deals (n),
  company TEXT NOT NULL,
  person  TEXT NOT NULL,
  kind    TEXT NOT NULL,
  at      BIGINT NOT NULL
);
CREATE INDEX work_report ON work (company, person, kind, at);

-- Who may use the API. Of a token only its hash is kept.
CREATE TABLE tokens (
  n          BIGSERIAL PRIMARY KEY,
  id         TEXT NOT NULL UNIQUE,
  hash       TEXT NOT NULL UNIQUE,
  name       TEXT NOT NULL,
  role       TEXT NOT NULL,
  companies  TEXT NOT NULL, -- JSON; an empty list: all
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  revoked_at BIGINT NOT NULL
);

-- Every change that was asked for, who asked, and what became of it.
CREATE TABLE audit (
  n         BIGSERIAL PRIMARY KEY,
  at        BIGINT NOT NULL, -- wall time
  actor     TEXT NOT NULL,
  role      TEXT NOT NULL,
  company   TEXT NOT NULL,
  deal_id   TEXT NOT NULL,
  operation TEXT NOT NULL,
  target    TEXT NOT NULL,
  status    INTEGER NOT NULL
);
CREATE INDEX audit_company ON audit (company, n);
CREATE INDEX audit_deal ON audit (deal_id, n);

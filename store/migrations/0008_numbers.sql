-- What reports count visits and finished tasks by, as one number each: comparing
-- several texts with those of every row is most of what counting took.

-- Where a visit to a stage led. went: empty while it is there, else the next
-- stage, =lost, =won, =ended, or =skipped for a stage that was passed over.
CREATE TABLE passages (
  n       BIGSERIAL PRIMARY KEY,
  company TEXT NOT NULL,
  process TEXT NOT NULL,
  stage   TEXT NOT NULL,
  went    TEXT NOT NULL,
  UNIQUE (company, process, stage, went)
);
INSERT INTO passages (company, process, stage, went) SELECT DISTINCT company, process, stage, went FROM visits;

-- Tables are made anew: SQLite takes long to drop a column.
CREATE TABLE visits_before AS SELECT * FROM visits;
DROP TABLE visits;
CREATE TABLE visits (
  n          BIGSERIAL PRIMARY KEY,
  deal_n     BIGINT NOT NULL REFERENCES deals (n),
  passage    BIGINT NOT NULL REFERENCES passages (n),
  entered_at BIGINT NOT NULL,
  left_at    BIGINT NOT NULL
);
INSERT INTO visits (deal_n, passage, entered_at, left_at) SELECT v.deal_n, p.n, v.entered_at, v.left_at FROM visits_before v
  JOIN passages p ON p.company = v.company AND p.process = v.process AND p.stage = v.stage AND p.went = v.went ORDER BY v.n;
DROP TABLE visits_before;
CREATE INDEX visits_deal ON visits (deal_n, n, passage, entered_at, left_at);
CREATE INDEX visits_passage ON visits (passage, entered_at, left_at, n);
-- Of very many visits, reports measure a part, by lot: one in eight, or one in more.
CREATE INDEX visits_sample ON visits (passage, entered_at, left_at, deal_n, n) WHERE (n * 40503) % 65536 < 8192;

-- Whose task was finished, and of what kind.
CREATE TABLE duties (
  n       BIGSERIAL PRIMARY KEY,
  company TEXT NOT NULL,
  person  TEXT NOT NULL,
  kind    TEXT NOT NULL,
  UNIQUE (company, person, kind)
);
INSERT INTO duties (company, person, kind) SELECT DISTINCT company, person, kind FROM work;
CREATE TABLE work_before AS SELECT * FROM work;
DROP TABLE work;
CREATE TABLE work (
  n      BIGSERIAL PRIMARY KEY,
  deal_n BIGINT NOT NULL REFERENCES deals (n),
  duty   BIGINT NOT NULL REFERENCES duties (n),
  at     BIGINT NOT NULL
);
INSERT INTO work (deal_n, duty, at) SELECT w.deal_n, d.n, w.at FROM work_before w
  JOIN duties d ON d.company = w.company AND d.person = w.person AND d.kind = w.kind ORDER BY w.n;
DROP TABLE work_before;
CREATE INDEX work_duty ON work (duty, at, deal_n);

-- The reasons of losses, too, are counted without reading deals.
DROP INDEX deals_decided;
CREATE INDEX deals_decided ON deals (company, process, status, decided_at, opened_at, amount, lost_reason, stage) WHERE decided_at <> 0;

-- What reports count visits and finished tasks by, as one number each: comparing
-- several texts with those of every row is most of what counting took.

-- Where a visit to a stage led. went: empty while it is there, else the next stage, =lost, =won, =ended, or
-- =skipped for a stage that was passed over.
CREATE TABLE passages (
  n       BIGSERIAL PRIMARY KEY,
  company TEXT NOT NULL,
  process TEXT NOT NULL,
  stage   TEXT NOT NULL,
  went    TEXT NOT NULL,
  UNIQUE (company, process, stage, went)
);
INSERT INTO passages (company, process, stage, went) SELECT DISTINCT company, process, stage, went FROM visits;
ALTER TABLE visits ADD COLUMN passage BIGINT NOT NULL DEFAULT 0;
UPDATE visits SET passage = (SELECT p.n FROM passages p
  WHERE p.company = visits.company AND p.process = visits.process AND p.stage = visits.stage AND p.went = visits.went);
DROP INDEX visits_report;
DROP INDEX visits_deal;
ALTER TABLE visits DROP COLUMN company;
ALTER TABLE visits DROP COLUMN process;
ALTER TABLE visits DROP COLUMN stage;
ALTER TABLE visits DROP COLUMN went;
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
ALTER TABLE work ADD COLUMN duty BIGINT NOT NULL DEFAULT 0;
UPDATE work SET duty = (SELECT d.n FROM duties d WHERE d.company = work.company AND d.person = work.person AND d.kind = work.kind);
DROP INDEX work_report;
ALTER TABLE work DROP COLUMN company;
ALTER TABLE work DROP COLUMN person;
ALTER TABLE work DROP COLUMN kind;
CREATE INDEX work_duty ON work (duty, at, deal_n);

-- The reasons of losses, too, are counted without reading deals.
DROP INDEX deals_decided;
CREATE INDEX deals_decided ON deals (company, process, status, decided_at, opened_at, amount, lost_reason, stage) WHERE decided_at <> 0;

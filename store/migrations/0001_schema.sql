-- Everything that lasts. Times are microseconds since 1970 in UTC, 0 for none;
-- structured values are JSON in TEXT. Written for PostgreSQL; SQLite reads the
-- same text once BIGSERIAL is replaced (see migrate.go).

CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

-- A deal's columns for lists; narrow, so that a filter without a fitting index
-- still reads little. The whole state is in deal_states.
CREATE TABLE deals (
  n                BIGSERIAL PRIMARY KEY,
  id               TEXT NOT NULL UNIQUE,
  company          TEXT NOT NULL,
  process          TEXT NOT NULL,
  version          TEXT NOT NULL,
  stage            TEXT NOT NULL,
  status           TEXT NOT NULL,
  owner            TEXT NOT NULL,
  contact_name     TEXT NOT NULL,
  contact_email    TEXT NOT NULL, -- lower case
  contact_phone    TEXT NOT NULL,
  subject          TEXT NOT NULL,
  source           TEXT NOT NULL,
  amount           DOUBLE PRECISION NOT NULL,
  currency         TEXT NOT NULL,
  stalled_since    BIGINT NOT NULL,
  escalation_level INTEGER NOT NULL,
  visit            INTEGER NOT NULL,
  opened_at        BIGINT NOT NULL,
  stage_entered_at BIGINT NOT NULL,
  next_wake        BIGINT NOT NULL, -- the greatest number for never, so that it sorts last
  closed_at        BIGINT NOT NULL,
  lost_reason      TEXT NOT NULL,
  updated_at       BIGINT NOT NULL,
  search_hash      BIGINT NOT NULL, -- of what is in deal_search
  events           BIGINT NOT NULL, -- seq of the last one
  revision         BIGINT NOT NULL
);
CREATE INDEX deals_opened ON deals (company, opened_at, id);
CREATE INDEX deals_status ON deals (company, status, opened_at, id);
CREATE INDEX deals_owner ON deals (company, owner, status, opened_at, id);
CREATE INDEX deals_stage ON deals (company, process, stage, status, opened_at, id);
CREATE INDEX deals_updated ON deals (company, updated_at, id);
CREATE INDEX deals_entered ON deals (company, stage_entered_at, id);
CREATE INDEX deals_amount ON deals (company, amount, id);
CREATE INDEX deals_wake ON deals (company, next_wake, id);
CREATE INDEX deals_contact ON deals (contact_email, company);
CREATE INDEX deals_stalled ON deals (company, opened_at, id) WHERE stalled_since <> 0;
CREATE INDEX deals_every ON deals (opened_at, id);

CREATE TABLE deal_states (
  n     INTEGER PRIMARY KEY REFERENCES deals (n),
  state TEXT NOT NULL
);

-- What q looks in: the words of a deal in lower case, apart from the deals so
-- that reading through all of them is quick.
CREATE TABLE deal_search (
  n       INTEGER PRIMARY KEY REFERENCES deals (n),
  company TEXT NOT NULL,
  text    TEXT NOT NULL
);

-- The timeline. id grows over all deals and feeds the event stream.
CREATE TABLE events (
  id     BIGSERIAL PRIMARY KEY,
  deal_n BIGINT NOT NULL REFERENCES deals (n),
  seq    BIGINT NOT NULL,
  at     BIGINT NOT NULL,
  type   TEXT NOT NULL,
  actor  TEXT NOT NULL,
  stage  TEXT NOT NULL,
  data   TEXT NOT NULL,
  UNIQUE (deal_n, seq)
);

-- A deal's inbox: what happened to it, applied or not yet.
CREATE TABLE inputs (
  n          BIGSERIAL PRIMARY KEY,
  id         TEXT NOT NULL UNIQUE,
  deal_id    TEXT NOT NULL REFERENCES deals (id),
  kind       TEXT NOT NULL,
  event      TEXT NOT NULL,
  company    TEXT NOT NULL, -- with mailbox: where it was captured
  mailbox    TEXT NOT NULL, -- empty when it did not come by mail
  created_at BIGINT NOT NULL,
  applied_at BIGINT NOT NULL,
  outcome    TEXT NOT NULL
);
CREATE INDEX inputs_pending ON inputs (n) WHERE applied_at = 0;
CREATE INDEX inputs_deal ON inputs (deal_id, n) WHERE applied_at = 0;
CREATE INDEX inputs_mailbox ON inputs (company, mailbox) WHERE applied_at = 0;

CREATE TABLE mailboxes (
  company       TEXT NOT NULL,
  id            TEXT NOT NULL,
  since         BIGINT NOT NULL,
  configured_at BIGINT NOT NULL,
  uidvalidity   BIGINT NOT NULL,
  last_uid      BIGINT NOT NULL,
  read_through  BIGINT NOT NULL,
  state         TEXT NOT NULL,
  error         TEXT NOT NULL,
  last_contact  BIGINT NOT NULL,
  lag           BIGINT NOT NULL,
  PRIMARY KEY (company, id)
);

CREATE TABLE ledger (
  n            BIGSERIAL PRIMARY KEY,
  id           TEXT NOT NULL UNIQUE,
  company      TEXT NOT NULL,
  mailbox      TEXT NOT NULL,
  uidvalidity  BIGINT NOT NULL,
  uid          BIGINT NOT NULL,
  message_id   TEXT NOT NULL,
  received_at  BIGINT NOT NULL,
  sender       TEXT NOT NULL,
  subject      TEXT NOT NULL,
  outcome      TEXT NOT NULL,
  rule         TEXT NOT NULL,
  why          TEXT NOT NULL,
  deal_id      TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  bytes_hash   TEXT NOT NULL,
  enquiry      TEXT NOT NULL, -- key by which the same enquiry is known when it comes again
  size         BIGINT NOT NULL,
  processed_at BIGINT NOT NULL,
  search       TEXT NOT NULL, -- sender and subject in lower case
  UNIQUE (company, mailbox, uidvalidity, uid)
);
CREATE INDEX ledger_message ON ledger (company, message_id);
CREATE INDEX ledger_bytes ON ledger (company, bytes_hash);
CREATE INDEX ledger_enquiry ON ledger (company, enquiry, processed_at) WHERE enquiry <> '';
CREATE INDEX ledger_outcome ON ledger (company, outcome, n);
CREATE INDEX ledger_newest ON ledger (company, n);
CREATE INDEX ledger_deal ON ledger (deal_id, n);

CREATE TABLE raw_messages (
  ledger_id    TEXT PRIMARY KEY REFERENCES ledger (id),
  processed_at BIGINT NOT NULL,
  data         BYTEA NOT NULL -- gzip
);
CREATE INDEX raw_messages_age ON raw_messages (processed_at);

CREATE TABLE thread (
  company    TEXT NOT NULL,
  message_id TEXT NOT NULL,
  deal_id    TEXT NOT NULL REFERENCES deals (id),
  ours       BOOLEAN NOT NULL,
  letter_key TEXT NOT NULL,
  at         BIGINT NOT NULL,
  PRIMARY KEY (company, message_id, deal_id)
);
CREATE INDEX thread_deal ON thread (deal_id, at);

CREATE TABLE participants (
  deal_id TEXT NOT NULL REFERENCES deals (id),
  email   TEXT NOT NULL, -- lower case
  PRIMARY KEY (deal_id, email)
);

CREATE TABLE outbox (
  n              BIGSERIAL PRIMARY KEY,
  id             TEXT NOT NULL UNIQUE,
  key            TEXT NOT NULL UNIQUE,
  account        TEXT NOT NULL,
  kind           TEXT NOT NULL,
  deal_id        TEXT REFERENCES deals (id), -- null: a notice about the company
  stage          TEXT NOT NULL,
  letter         TEXT NOT NULL,
  message_id     TEXT NOT NULL,
  sender         TEXT NOT NULL,
  recipient      TEXT NOT NULL,
  to_name        TEXT NOT NULL,
  subject        TEXT NOT NULL,
  text           TEXT NOT NULL,
  html           TEXT NOT NULL,
  in_reply_to    TEXT NOT NULL,
  refs           TEXT NOT NULL,
  status         TEXT NOT NULL,
  ambiguous      BOOLEAN NOT NULL,
  attempts       INTEGER NOT NULL,
  not_before     BIGINT NOT NULL,
  last_error     TEXT NOT NULL,
  created_at     BIGINT NOT NULL,
  sent_at        BIGINT NOT NULL,
  holder         TEXT NOT NULL
);
CREATE INDEX outbox_queued ON outbox (account, not_before, n) WHERE status = 'queued';
CREATE INDEX outbox_sending ON outbox (account) WHERE status = 'sending';
CREATE INDEX outbox_deal ON outbox (deal_id, n);

CREATE TABLE accounts (
  account    TEXT PRIMARY KEY,
  held_until BIGINT NOT NULL,
  reason     TEXT NOT NULL
);

CREATE TABLE leases (
  name   TEXT PRIMARY KEY,
  holder TEXT NOT NULL,
  until  BIGINT NOT NULL
);

CREATE TABLE rotations (
  company TEXT NOT NULL,
  role    TEXT NOT NULL,
  turn    BIGINT NOT NULL,
  PRIMARY KEY (company, role)
);

CREATE TABLE versions (
  company    TEXT NOT NULL,
  process    TEXT NOT NULL,
  hash       TEXT NOT NULL,
  spec       TEXT NOT NULL,
  first_live BIGINT NOT NULL,
  PRIMARY KEY (company, process, hash)
);
CREATE INDEX versions_hash ON versions (hash);

CREATE TABLE idempotency (
  scope        TEXT NOT NULL,
  key          TEXT NOT NULL,
  request_hash TEXT NOT NULL,
  response     BYTEA NOT NULL,
  created_at   BIGINT NOT NULL,
  PRIMARY KEY (scope, key)
);

CREATE TABLE files (
  key          TEXT PRIMARY KEY,
  deal_id      TEXT NOT NULL REFERENCES deals (id),
  name         TEXT NOT NULL,
  content_type TEXT NOT NULL,
  data         BYTEA NOT NULL,
  created_at   BIGINT NOT NULL
);

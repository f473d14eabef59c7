-- Facts about one party, contract or drawdown, and the corrections that name a fact, found by key: a customer's page
-- and a loan's page read few rows of tables with millions.

create index on "postings" (org_id, drawdown_id);
create index on "instalments" (org_id, drawdown_id);
create index on "drawdowns" (org_id, party_id);
create index on "drawdowns" (org_id, contract_id);
create index on "contracts" (org_id, party_id);
create index on "facilities" (org_id, party_id);
create index on "guarantees" (org_id, guarantor_id);
create index on "guarantees" (org_id, contract_id);
create index on "class_decisions" (org_id, drawdown_id);
create index on "group_members" (org_id, party_id);
create index on "group_members" (org_id, group_id);
create index on "invoices" (org_id, party_id);
create index on "claim_drawdowns" (org_id, drawdown_id);
create index on "security_rights_debts" (org_id, contract_id);
create index on "security_assets" (org_id, security_right_id);

create index on "claim_drawdowns" (org_id, replaces) where replaces is not null;
create index on "class_decisions" (org_id, replaces) where replaces is not null;
create index on "contracts" (org_id, replaces) where replaces is not null;
create index on "drawdowns" (org_id, replaces) where replaces is not null;
create index on "facilities" (org_id, replaces) where replaces is not null;
create index on "group_members" (org_id, replaces) where replaces is not null;
create index on "guarantees" (org_id, replaces) where replaces is not null;
create index on "instalments" (org_id, replaces) where replaces is not null;
create index on "invoices" (org_id, replaces) where replaces is not null;
create index on "postings" (org_id, replaces) where replaces is not null;
create index on "security_assets" (org_id, replaces) where replaces is not null;
create index on "security_rights_debts" (org_id, replaces) where replaces is not null;

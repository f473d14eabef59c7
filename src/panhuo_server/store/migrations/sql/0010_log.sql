-- Public keys an organisation's log was signed with: those of books that came in, and the server's own.
create table signing_keys (
  org_id text not null,
  fingerprint text not null check (fingerprint ~ '^[0-9a-f]{64}$'),
  public_pem text not null,
  primary key (org_id, fingerprint)
);
alter table signing_keys enable row level security;
alter table signing_keys force row level security;
create policy mine on signing_keys for select to @roles@ using (org_id = acting_org());
create policy mine_added on signing_keys for insert to @roles@ with check (org_id = acting_org());
grant select, insert on signing_keys to @roles@;
create trigger append_only before update or delete on signing_keys for each row execute function refuse_change();
create trigger append_only_whole before truncate on signing_keys for each statement execute function refuse_change();

-- Whole nodes of the log's tree above its leaves: any entry is proved from a few of them.
create table log_nodes (
  org_id text not null,
  level integer not null check (level > 0),
  number bigint not null check (number >= 0),
  hash text not null,
  primary key (org_id, level, number)
);
alter table log_nodes enable row level security;
alter table log_nodes force row level security;
create policy mine on log_nodes for select to @roles@ using (org_id = acting_org());
create policy mine_added on log_nodes for insert to @roles@ with check (org_id = acting_org());
grant select, insert on log_nodes to @roles@;
create trigger append_only before update or delete on log_nodes for each row execute function refuse_change();
create trigger append_only_whole before truncate on log_nodes for each statement execute function refuse_change();

-- What the description of a book that came in said of it (who made it, what was adopted), for when it goes out again.
create table book_details (
  org_id text not null,
  number bigint not null check (number > 0),
  details jsonb not null,
  primary key (org_id, number)
);
alter table book_details enable row level security;
alter table book_details force row level security;
create policy mine on book_details for select to @roles@ using (org_id = acting_org());
create policy mine_added on book_details for insert to @roles@ with check (org_id = acting_org());
grant select, insert on book_details to @roles@;
create trigger append_only before update or delete on book_details for each row execute function refuse_change();
create trigger append_only_whole before truncate on book_details for each statement execute function refuse_change();

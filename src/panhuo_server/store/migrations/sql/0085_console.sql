-- Views of tables that a person keeps under a name: filters, order, columns, as the address of the page says them. Added to,
-- never changed: the latest line of a name counts, and one that is not kept ends it.

create table console_views (
  org_id text not null,
  person_id text not null,
  sheet text not null,
  name text not null check (length(name) between 1 and 60),
  number bigint not null check (number > 0),
  address text not null check (address like '/console/%' and length(address) <= 200),
  query text not null check (length(query) <= 2000),
  kept boolean not null,
  saved_at timestamptz not null default now(),
  primary key (org_id, person_id, sheet, name, number)
);
alter table console_views enable row level security;
alter table console_views force row level security;
create policy mine on console_views for select to @roles@ using (org_id = acting_org() and person_id = acting_person());
create policy mine_added on console_views for insert to @roles@
  with check (org_id = acting_org() and person_id = acting_person());
grant select, insert on console_views to @roles@;
create trigger append_only before update or delete on console_views for each row execute function refuse_change();
create trigger append_only_whole before truncate on console_views for each statement execute function refuse_change();

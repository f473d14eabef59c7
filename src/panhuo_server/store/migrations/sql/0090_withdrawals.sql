-- A withdrawal that a person states holds until that person consents anew: a consent ends it that was granted on the
-- withdrawal's own day or later and sealed after it. An old consent recorded once more does not, whenever it is sealed.
create or replace function consent_standing(of_org text, of_party text, of_purpose text, of_recipient text, on_day date)
returns text language sql stable as $$
  select case when exists (
      select from own_requests w where w.to_org = of_org and w.party_id = of_party and w.kind = 'withdrawal'
        and w.consent_purpose = of_purpose and (w.recipient is null or of_recipient is null or w.recipient = of_recipient)
        and (w.asked_at at time zone 'Asia/Shanghai')::date <= on_day
        and not coalesce(
          (select b.sealed_at from batches b where b.org_id = f.org_id and b.sequence = f.fact_sequence) > w.asked_at
          and coalesce(f.granted_on, f.effective_on) >= (w.asked_at at time zone 'Asia/Shanghai')::date, false))
      then 'withdrawn'
              when f.withdrawn_on <= on_day then 'withdrawn'
              when f.granted is not true or f.granted_on > on_day then 'refused'
              when f.expires_on < on_day then 'expired' else 'given' end
  from consents f
  where f.org_id = of_org and f.party_id = of_party and f.purpose = of_purpose and f.effective_on <= on_day
    and f.withdrawn is not true and (f.recipient is null or of_recipient is null or f.recipient = of_recipient)
    and not exists (select from consents r where r.org_id = f.org_id and r.replaces = f.fact_sequence || '-' || f.fact_position)
  order by f.effective_on desc, f.fact_sequence desc, f.fact_position desc limit 1 $$;

"""Money, rates, dates, day counts, calendars, identifiers with check digits."""

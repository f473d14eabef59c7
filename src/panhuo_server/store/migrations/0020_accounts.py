"""Roles, invitations, sign-in, sessions and tokens; shares kept apart; supervision; the log of reads."""

from django.db import migrations

from panhuo_server.store.migration_steps import Statements


class Migration(migrations.Migration):
    """People first, then what they share and what is noted of their reading."""

    dependencies = [("store", "0002_facts")]  # noqa: RUF012
    operations = [  # noqa: RUF012
        Statements("0020_accounts", ("panhuo",)),
        Statements("0021_sharing"),
        Statements("0022_supervision", ("panhuo",)),
        Statements("0023_reads"),
    ]

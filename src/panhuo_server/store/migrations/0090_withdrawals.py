"""A withdrawal that a person states outlasts consents that are older than it, whenever those are recorded."""

from django.db import migrations

from panhuo_server.store.migration_steps import Statements


class Migration(migrations.Migration):
    """In the commercial schema, where people have affairs of their own."""

    dependencies = [("store", "0085_console")]  # noqa: RUF012
    operations = [Statements("0090_withdrawals", ("panhuo",))]  # noqa: RUF012

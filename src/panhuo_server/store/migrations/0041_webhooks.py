"""Who is told of what happens outside, and whom durable work turns to inside."""

from django.db import migrations

from panhuo_server.store.migration_steps import Statements


class Migration(migrations.Migration):
    """Webhooks in each schema; one function beside the memberships."""

    dependencies = [("store", "0040_starting"), ("store", "0020_accounts")]  # noqa: RUF012
    operations = [Statements("0041_webhooks"), Statements("0042_holders", ("panhuo",))]  # noqa: RUF012

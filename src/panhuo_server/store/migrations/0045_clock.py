"""The organisation's own clock: the door for what time alone brings about."""

from django.db import migrations

from panhuo_server.store.migration_steps import Statements


class Migration(migrations.Migration):
    """Beside the organisations and memberships."""

    dependencies = [("store", "0041_webhooks")]  # noqa: RUF012
    operations = [Statements("0045_clock", ("panhuo",))]  # noqa: RUF012

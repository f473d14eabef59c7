"""What the API was asked to change, once for each idempotency key; how far started work is."""

from django.db import migrations

from panhuo_server.store.migration_steps import Statements


class Migration(migrations.Migration):
    """In both schemas."""

    dependencies = [("store", "0040_starting")]  # noqa: RUF012
    operations = [Statements("0060_api")]  # noqa: RUF012

"""How durable work starts: in the business transaction, for the acting organisation alone."""

from django.db import migrations

from panhuo_server.store.migration_steps import Statements


class Migration(migrations.Migration):
    """One function in each schema."""

    dependencies = [("store", "0002_facts")]  # noqa: RUF012
    operations = [Statements("0040_starting")]  # noqa: RUF012

"""What proves an organisation's log: public signing keys, whole nodes of its tree."""

from django.db import migrations

from panhuo_server.store.migration_steps import Statements


class Migration(migrations.Migration):
    """In both schemas."""

    dependencies = [("store", "0002_facts")]  # noqa: RUF012
    operations = [Statements("0010_log")]  # noqa: RUF012

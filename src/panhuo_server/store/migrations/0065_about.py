"""Finding the facts about one customer or one loan without reading everybody's."""

from django.db import migrations

from panhuo_server.store.migration_steps import Statements


class Migration(migrations.Migration):
    """In both schemas."""

    dependencies = [("store", "0060_api")]  # noqa: RUF012
    operations = [Statements("0065_about")]  # noqa: RUF012

"""What facts stand on, and people: shares, batches, commands, log, inputs, outcomes, events; organisations, persons."""

from django.db import migrations

from panhuo_server.store.migration_steps import Statements


class Migration(migrations.Migration):
    """The first text: nothing stands before it."""

    initial = True
    operations = [Statements("0001_core"), Statements("0002_people", ("panhuo",))]  # noqa: RUF012

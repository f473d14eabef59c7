"""Fact tables as `panhuo.ground.book` declared them in version 0.1."""

from django.db import migrations

from panhuo_server.store.migration_steps import Statements


class Migration(migrations.Migration):
    """Identities, facts, masked views."""

    dependencies = [("store", "0001_core")]  # noqa: RUF012
    operations = [Statements("0003_facts")]  # noqa: RUF012

"""Search over enciphered values, consents looked at in the moment of use, erasures told."""

from django.db import migrations

from panhuo_server.store.migration_steps import Statements


class Migration(migrations.Migration):
    """After the accounts, whose door and refusals it uses."""

    dependencies = [("store", "0020_accounts")]  # noqa: RUF012
    operations = [Statements("0030_privacy")]  # noqa: RUF012

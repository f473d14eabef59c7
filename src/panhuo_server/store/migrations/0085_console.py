"""Views of tables that a person keeps, and what people ask of those who hold their data."""

from django.db import migrations

from panhuo_server.store.migration_steps import Statements


class Migration(migrations.Migration):
    """Views in both schemas; a person's own affairs and a supervisor's list in the commercial one."""

    dependencies = [("store", "0060_api"), ("store", "0030_privacy"), ("store", "0020_accounts")]  # noqa: RUF012
    operations = [  # noqa: RUF012
        Statements("0085_console"),
        Statements("0086_own_affairs", ("panhuo",)),
        Statements("0087_supervised", ("panhuo",)),
    ]

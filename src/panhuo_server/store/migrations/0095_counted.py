"""What an aggregate was counted over, as a mark: an answer may be kept as long as the mark stays."""

from django.db import migrations

from panhuo_server.store.migration_steps import Statements


class Migration(migrations.Migration):
    """In the commercial schema, beside the aggregates."""

    dependencies = [("store", "0090_withdrawals")]  # noqa: RUF012
    operations = [Statements("0095_counted", ("panhuo",))]  # noqa: RUF012

"""The store as Django sees it."""

from django.apps import AppConfig


class StoreConfig(AppConfig):
    """Label ``store``: its migrations are the database's only ones."""

    name = "panhuo_server.store"
    label = "store"

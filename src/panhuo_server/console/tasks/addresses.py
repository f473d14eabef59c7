"""The addresses of the tasks."""

from __future__ import annotations

from django.urls import path

from panhuo_server.console.tasks import tasks

ADDRESSES = (
    path("console/tasks", tasks.tasks),
    path("console/tasks/deadlines", tasks.notice),
    path("console/tasks/proposals/<str:proposal>", tasks.proposal),
    path("console/tasks/proposals/<str:proposal>/<str:kind>", tasks.decide),
)

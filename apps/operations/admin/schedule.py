"""The schedule in the admin, with the theme of the other pages, and the last check of each publisher's site."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Model
from django_celery_beat import admin as beat
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from apps.ingest.models import SourceCheck
from apps.ingest.readonly_admin import ReadOnlyAdmin

SCHEDULES: tuple[type[Model], ...] = (PeriodicTask, IntervalSchedule, CrontabSchedule, ClockedSchedule, SolarSchedule)
for model in SCHEDULES:
    admin.site.unregister(model)


class TaskSelect(UnfoldAdminSelectWidget, beat.TaskSelectWidget):  # type: ignore[misc] # neither has types
    """A select of our tasks."""


class EntryForm(beat.PeriodicTaskForm):  # type: ignore[misc] # it has no types
    """The form of a schedule entry."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["task"].widget = UnfoldAdminTextInputWidget()
        self.fields["regtask"].widget = TaskSelect()


@admin.register(PeriodicTask)
class EntryAdmin(beat.PeriodicTaskAdmin, ModelAdmin):  # type: ignore[misc] # neither has types
    """Edits the entries of the schedule. Beat notices a change within seconds."""

    form = EntryForm


@admin.register(CrontabSchedule)
class CrontabAdmin(beat.CrontabScheduleAdmin, ModelAdmin):  # type: ignore[misc] # neither has types
    """Edits times of the day, the week or the year."""


@admin.register(IntervalSchedule, ClockedSchedule, SolarSchedule)
class OtherScheduleAdmin(ModelAdmin):  # type: ignore[misc] # it has no types
    """Edits intervals, single times and solar events."""


@admin.register(SourceCheck)
class SourceCheckAdmin(ReadOnlyAdmin):
    """Shows the last check of each publisher's site."""

    list_display = ("source", "checked_at", "newest", "outcome")

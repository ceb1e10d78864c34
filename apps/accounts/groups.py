"""The groups of operators and their permissions.

Every ``migrate`` adds missing groups and permissions, and takes away none that an administrator added. A group does not
make its members staff; only staff reach the admin.
"""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig, apps

# Group → app → codenames of permissions. To start, resume and cancel a run is to change it; to replay a dead letter is
# to change it, and to purge it is to delete it.
LEDGER = (
    "view_run",
    "view_dumpfile",
    "view_chunk",
    "view_deadletter",
    "view_qualityfinding",
    "view_removedentity",
    "view_danglingreference",
    "view_event",
)
CHECK = ("view_sourcecheck",)
SAMPLES = ("view_queuesample", "view_healthsample")
SCHEDULE = ("view_periodictask", *(f"view_{kind}schedule" for kind in ("interval", "crontab", "clocked", "solar")))
RECORDS = ("view_artist", "view_label", "view_master", "view_release")
GROUPS: dict[str, dict[str, tuple[str, ...]]] = {
    "Operator": {
        "ingest": (*LEDGER, *CHECK, "change_run", "change_deadletter", "delete_deadletter"),
        "catalog": RECORDS,
        "dashboard": SAMPLES,
        "django_celery_beat": SCHEDULE,
    },
    "Support": {
        "accounts": ("view_user", "view_authenticator", "delete_authenticator"),
        "axes": ("view_accessattempt", "delete_accessattempt"),
    },
    "Analyst": {
        "ingest": ("view_run", "view_dumpfile", "view_qualityfinding", "view_event", *CHECK),
        "catalog": RECORDS,
        "dashboard": SAMPLES,
    },
}


def add_permissions(app_config: AppConfig, using: str, **_: Any) -> None:
    """Add one app's missing permissions to the groups; called after that app was migrated."""
    wanted = {name: of_apps[app_config.label] for name, of_apps in GROUPS.items() if app_config.label in of_apps}
    if not wanted:
        return
    # Models cannot be imported yet when this module is.
    group: Any = apps.get_model("auth", "Group")
    permission: Any = apps.get_model("auth", "Permission")
    group.objects.using(using).bulk_create((group(name=name) for name in wanted), ignore_conflicts=True)
    groups = dict(group.objects.using(using).filter(name__in=wanted).values_list("name", "pk"))
    found = permission.objects.using(using).filter(content_type__app_label=app_config.label)
    permissions = dict(found.values_list("codename", "pk"))
    link = group.permissions.through
    link.objects.using(using).bulk_create(
        (
            link(group_id=groups[name], permission_id=permissions[codename])
            for name, codenames in wanted.items()
            for codename in codenames
            if codename in permissions
        ),
        ignore_conflicts=True,
    )

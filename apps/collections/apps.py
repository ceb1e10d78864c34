"""Django's entry for the collections app."""

from django.apps import AppConfig


class CollectionsConfig(AppConfig):
    """What users own and want."""

    name = "apps.collections"
    label = "collections"
    verbose_name = "Collections"

    def ready(self) -> None:
        """Delete a user's node with the account."""
        from django.contrib.auth import get_user_model  # noqa: PLC0415 - models are loaded now
        from django.db.models.signals import post_delete  # noqa: PLC0415

        from apps.accounts import belongings, encryption  # noqa: PLC0415
        from apps.collections import exporting, outbox  # noqa: PLC0415

        belongings.register("collection", lambda user: exporting.list_copies(user.pk))
        belongings.register("wantlist", lambda user: exporting.list_wants(user.pk))
        belongings.register("syncs", exporting.list_syncs)

        for field in ("access_token", "access_secret"):
            encryption.register_field("collections.Link", field, "oauth-tokens")
        encryption.register_field("collections.AppConfig", "value", "oauth-tokens")
        post_delete.connect(outbox.forget_user, sender=get_user_model(), dispatch_uid="apps.collections.outbox")

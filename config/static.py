"""Static files of a deployment: under names that change with their content, so that browsers may keep them for ever."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc] # whitenoise has no types
    """Also writes the names of modules that our modules import. Each such statement ends with a semicolon."""

    support_js_module_import_aggregation = True

"""Static files of a deployment. Their names contain a hash of their content, so browsers may cache them for ever."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc] # whitenoise has no types
    """Also rewrites the names in JavaScript imports. It finds only import statements that end with a semicolon."""

    support_js_module_import_aggregation = True

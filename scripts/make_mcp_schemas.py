"""Write clients/mcp/linernotes_mcp/schemas.json: the answers of the tools, from docs/openapi.yaml.

The server is installed without the site, so it has these along. ``make openapi`` runs this.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "openapi.yaml"
SCHEMAS = ROOT / "clients" / "mcp" / "linernotes_mcp" / "schemas.json"
# Tool → operations of which it gives the answer of one.
OPERATIONS = {
    "search": ["searchCatalogue"],
    "find_path": ["findPath"],
    "get_trends": ["getTrends"],
    "get_graph_stats": ["getGraphStats"],
    "get_collaborators": ["listCollaborators"],
    "get_genre_tree": ["getGenreTree"],
    "get_similar_artists": ["listSimilarArtists"],
    "get_label_dna": ["getLabelDna"],
    "get_credits": ["listPersonCredits"],
    "get_insights": [
        "listTopArtists",
        "getGenreDecades",
        "listLongestLabels",
        "listAnniversaries",
        "getDataCompleteness",
        "listRarestReleases",
        "getInsightsStatus",
    ],
    "nlq_query": ["askQuestion"],
    "get_my_collection": ["listCollection"],
    "get_my_wantlist": ["listWantlist"],
    "get_my_collection_stats": ["getCollectionStats"],
    "get_my_gaps": ["listGapsOfArtist"],
    "get_my_taste": ["getTasteFingerprint"],
    "get_recommendations": ["listRecommendations"],
}
# Tool → component, where an operation answers with one of several.
COMPONENTS = {
    "get_artist_details": "Artist",
    "get_label_details": "Label",
    "get_release_details": "Release",
    "get_genre_details": "Tag",
    "get_style_details": "Tag",
}
# Operations whose answers one tool gives together.
PARTS = {"get_artist_musicbrainz": ["getArtistMetadata", "listArtistRelationships", "listArtistLinks"]}
# These tools tell how to go on.
PAGED = ("get_credits", "get_my_collection", "get_my_wantlist", "get_my_gaps")
CURSOR = {"type": ["string", "null"]}
# What only OpenAPI knows, or only people read.
LEFT_OUT = ("nullable", "description", "format", "minLength")


def make_schemas() -> dict[str, Any]:
    """Return a JSON schema for the answer of each tool."""
    document = yaml.safe_load(DOCUMENT.read_text())
    components = document["components"]["schemas"]
    operations = {each["operationId"]: each for path in document["paths"].values() for each in path.values()}
    found = {tool: resolve(components[name], components) for tool, name in COMPONENTS.items()}
    for tool, names in OPERATIONS.items():
        answers = [resolve(find_answer(operations[name]), components) for name in names]
        found[tool] = answers[0] if len(answers) == 1 else {"type": "object", "anyOf": answers}
    for tool, names in PARTS.items():
        answers = [resolve(find_answer(operations[name]), components) for name in names]
        found[tool] = {
            "type": "object",
            "properties": {key: value for each in answers for key, value in each["properties"].items()},
            "required": sorted({key for each in answers for key in each["required"]}),
        }
    for tool in PAGED:
        found[tool]["properties"]["next_cursor"] = CURSOR
        found[tool]["required"].append("next_cursor")
    return dict(sorted(found.items()))


def find_answer(operation: dict[str, Any]) -> Any:
    """Return the schema of an operation's answer."""
    return operation["responses"]["200"]["content"]["application/json"]["schema"]


def resolve(schema: Any, components: dict[str, Any]) -> Any:
    """Return a schema of OpenAPI 3.0 as JSON Schema, without references."""
    if isinstance(schema, list):
        return [resolve(each, components) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return resolve(components[schema["$ref"].rpartition("/")[2]], components)
    made = {key: resolve(value, components) for key, value in schema.items() if key not in LEFT_OUT}
    if "properties" in schema:
        # Names of properties are no keywords.
        made["properties"] = {name: resolve(value, components) for name, value in schema["properties"].items()}
    if schema.get("nullable") and "type" in made:
        made["type"] = [made["type"], "null"]
    return made


if __name__ == "__main__":
    SCHEMAS.write_text(json.dumps(make_schemas(), indent=1) + "\n")

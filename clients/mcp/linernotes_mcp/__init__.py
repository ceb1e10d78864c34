"""The MCP server of Linernotes: tools for assistants, over the REST API of a site."""

__version__ = "0.1.0"

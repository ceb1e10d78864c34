"""The embedded servers: PostgreSQL, Valkey and Neo4j from Python packages, for a checkout without servers of its own.

They listen on loopback, ask for passwords, keep everything in one folder and outlive the command that started them.
``servers`` starts and stops them; ``environment`` gives their addresses to the settings.
"""

"""PostgreSQL, Valkey and Neo4j out of Python packages: servers for a checkout that has none of its own.

They listen on loopback, ask for passwords, keep everything in one folder and outlive the command that started them.
``environment`` tells the settings where they are; ``servers`` starts and stops them.
"""

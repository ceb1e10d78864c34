"""The record tables in PostgreSQL."""

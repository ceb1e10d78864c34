"""The API's endpoint of health."""

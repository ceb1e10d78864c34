"""What the endpoints take and what they answer: a module for each one of ``apps.explore.views``."""

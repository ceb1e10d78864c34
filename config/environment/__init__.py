"""Reading and checking the environment."""

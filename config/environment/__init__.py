"""Read and check the environment variables of the settings."""

"""What the API tells administrators: runs as extractions, findings, what the stores hold."""

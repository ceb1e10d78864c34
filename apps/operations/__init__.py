"""What people start, stop and look at: commands, the admin of runs and the actions behind both."""

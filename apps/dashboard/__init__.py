"""What operators look at: readiness, metrics and samples of queues and servers."""

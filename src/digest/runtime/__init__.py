"""Background work: jobs, the scheduler that asks what is due, workers, and the supervisor that `serve` starts."""

"""Work outside a request: jobs, waking a worker, rate limits."""

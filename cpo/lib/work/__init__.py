"""Work done outside a request: jobs, what wakes a worker, how often a page may be asked."""

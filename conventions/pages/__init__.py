"""What a page shows, read only: frame, next step, tasks, lists."""

"""What pages show, without writing anything: frame, next step, tasks, lists."""

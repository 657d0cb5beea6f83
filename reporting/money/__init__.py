"""What the State conventioned, committed and paid: sums and the schedule of the instalments."""

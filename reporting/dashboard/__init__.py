"""The figures of the dashboard, and the lists that add up to them."""

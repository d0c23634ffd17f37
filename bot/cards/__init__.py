"""Cards: platform-neutral messages as values, and one drawing of each thing people see."""

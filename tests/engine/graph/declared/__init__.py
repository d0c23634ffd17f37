"""Reading and writing what is declared of who needs whom."""

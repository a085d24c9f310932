"""Scripts that anyone can run, and their recorded results."""

"""What the system costs and how fast it is, measured; `make bench` prints it and writes it into docs/."""

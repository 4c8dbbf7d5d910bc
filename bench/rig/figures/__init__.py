"""What is measured besides the load: CPU by stage and process, locks, rounds, the pace of the machine."""

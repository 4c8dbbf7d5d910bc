"""The paths of the agents' API: what each is asked and answers. Each calls the inbox and decides nothing itself."""

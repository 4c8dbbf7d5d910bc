"""The network in the middle: what all providers share. Faults, phones, the journal, files, and posting webhooks."""

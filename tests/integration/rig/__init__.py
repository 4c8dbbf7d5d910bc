"""Real processes of Casella, a provider on the other side, customers and agents who keep them busy, and proofs.

with Simulator() as provider, embedded(folder, provider) as house: …
"""

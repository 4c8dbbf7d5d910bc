"""Claiming what is to be sent: what is due (`due`), and making it this process's alone (`claiming`)."""

from casella.inbox.sending.claims.claiming import HOLD, LEASE, NO_CONSENT, Asked, Claim, claim_due

__all__ = ["HOLD", "LEASE", "NO_CONSENT", "Asked", "Claim", "claim_due"]

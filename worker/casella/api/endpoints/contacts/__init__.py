"""`/contacts`: finding them, and what agents know and note about them."""

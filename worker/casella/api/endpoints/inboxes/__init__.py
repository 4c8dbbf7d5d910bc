"""`/inboxes/{inbox_id}/…`: what managers change of one inbox."""

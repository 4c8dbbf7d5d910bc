"""What managers and admins are told of the whole: reports."""

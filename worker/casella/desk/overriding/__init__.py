"""What managers change on the page without the folder: one value of the desk each, kept beside the desk's own, written
over its files, and settled when another desk is applied."""
